import {
  barChart,
  chartCard,
  html,
  legend,
  lineChart,
  type Markup,
  type MetricRecord,
  page,
  type Series,
  section,
  type Tone,
} from "@twinview/report";
import type { ComparedCell, Comparison } from "./comparison.ts";
import { cellColumns, cellRow } from "./table.ts";

/** The metrics of one run of a comparison. */
export interface RunCurve {
  readonly method: string;
  readonly backbone: string;
  readonly records: readonly MetricRecord[];
}

/** The k of the curves, which is that of the headline numbers. */
const curveK = "20";

const tones = [1, 2, 3, 4, 5, 6] as const satisfies readonly Tone[];
const toneOf = (methods: readonly string[], method: string): Tone => tones[methods.indexOf(method) % tones.length] as Tone;

const knnPoints = (records: readonly MetricRecord[]): readonly { readonly epoch: number; readonly accuracy: number }[] => {
  const baseline = records.find((record) => record.kind === "baseline");
  const start = baseline?.random?.[curveK];
  const points = records.flatMap((record) =>
    record.kind === "knn" && record.encoder === "online" ? [{ epoch: record.epoch, accuracy: record.top1[curveK] ?? Number.NaN }] : [],
  );
  return start === undefined ? points : [{ epoch: 0, accuracy: start }, ...points];
};

/** One chart for each backbone: a curve for each method and seed, in the method's colour. */
const curveCards = (curves: readonly RunCurve[], methods: readonly string[]): readonly Markup[] => {
  const backbones = [...new Set(curves.map((curve) => curve.backbone))];
  return backbones.map((backbone) => {
    const own = curves.filter((curve) => curve.backbone === backbone);
    const series = own.map(({ method, records }): Series => {
      const points = knnPoints(records);
      const look = points.length > 30 ? "plain" : "dots";
      return { name: method, tone: toneOf(methods, method), look, x: points.map((p) => p.epoch), y: points.map((p) => p.accuracy) };
    });
    const shown = methods.filter((method) => own.some((curve) => curve.method === method));
    const keys = legend(shown.map((method) => ({ name: method, tone: toneOf(methods, method) })));
    const chart = lineChart({
      series,
      x: { label: "epoch", include: [0] },
      y: { label: "accuracy", unit: "percent" },
      height: 240,
      label: `kNN accuracy by epoch on ${backbone}`,
    });
    return chartCard({ title: backbone, chart, keys });
  });
};

const accuracyBars = (cells: readonly ComparedCell[], methods: readonly string[]): Markup | undefined => {
  const known = cells.filter((cell) => cell.knn !== null);
  if (known.length === 0) return undefined;
  const bars = known.map(({ method, backbone, knn, untrained }) => ({
    name: `${method}, ${backbone}`,
    value: knn?.mean ?? Number.NaN,
    text: `${(100 * (knn?.mean ?? 0)).toFixed(1)} %${untrained === null ? "" : `, untrained ${(100 * untrained.mean).toFixed(1)} %`}`,
    tone: toneOf(methods, method),
  }));
  return chartCard({ title: "kNN accuracy", chart: barChart({ bars, max: 1, label: "kNN accuracy of each cell" }) });
};

const costBars = (cells: readonly ComparedCell[], methods: readonly string[]): Markup => {
  const bars = cells.map(({ method, backbone, imagesPerSecond }) => ({
    name: `${method}, ${backbone}`,
    value: imagesPerSecond,
    text: `${imagesPerSecond.toFixed(0)} img/s`,
    tone: toneOf(methods, method),
  }));
  return chartCard({ title: "Training speed", chart: barChart({ bars, label: "Images a second of each cell" }) });
};

const table = ({ cells }: Comparison): Markup => {
  const head = html`<tr>${cellColumns.map((name) => html`<th>${name}</th>`)}</tr>`;
  const rows = cells.map((cell) => html`<tr>${cellRow(cell).map((text) => html`<td>${text}</td>`)}</tr>`);
  return html`<div class="card"><table>${head}${rows}</table></div>`;
};

/** A comparison as one HTML page without network: table, accuracies, cost, and the kNN curves of all runs. */
export const comparePage = (comparison: Comparison, curves: readonly RunCurve[]): string => {
  const methods = [...new Set(comparison.cells.map((cell) => cell.method))];
  const seeds = [...new Set(comparison.cells.flatMap((cell) => cell.seeds))].length;
  const raw = comparison.raw === null ? "" : ` Raw pixels reach ${(100 * comparison.raw).toFixed(1)} %.`;
  const body = html`<header><p class="over">Comparison</p><h1>${methods.join(", ")} on ${comparison.dataset}</h1></header>
${section({ title: "Results", note: `Accuracies in percent, mean and standard deviation over ${seeds} seeds.${raw}`, body: table(comparison) })}
<div class="pair">${accuracyBars(comparison.cells, methods)}${costBars(comparison.cells, methods)}</div>
${section({ title: "During training", note: "kNN accuracy of every run on the monitor's images, k = 20.", body: html`<div class="pair">${curveCards(curves, methods)}</div>` })}
<footer>Written by twinview. This file holds everything it shows; it loads nothing.</footer>`;
  return page({ title: `Comparison on ${comparison.dataset}`, body });
};
