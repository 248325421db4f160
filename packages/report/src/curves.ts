import type { History } from "./history.ts";
import { type LineChartOptions, legend, lineChart, type Reference, type Series, type Tone } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import { median } from "./median.ts";
import { movingAverage } from "./moving-average.ts";
import { percentText, shortText } from "./number-text.ts";
import { chartCard } from "./page.ts";
import type { Axis } from "./scale.ts";

/** The x axis of all curves of a run. */
export const stepAxis: Axis = { label: "step", whole: true, include: [0] };

/** A noisy curve as two: what was recorded, pale, and its moving average over about a fiftieth of the run. */
export const withAverage = (name: string, tone: Tone, x: readonly number[], y: readonly number[]): readonly Series[] => {
  const window = 2 * Math.round(y.length / 100) + 1;
  if (window < 3) return [{ name, tone, x, y }];
  return [
    { name, tone, x, y, look: "faint" },
    { name: `mean of ${window}`, tone, x, y: movingAverage(y, window) },
  ];
};

const card = (title: string, options: LineChartOptions, note?: string): Markup =>
  chartCard({ title, chart: lineChart(options), ...(options.series.length > 1 ? { keys: legend(options.series) } : {}), note });

const encoderTones = { online: 1, target: 2 } as const;

const knnCard = ({ knn, baseline }: History, k: number): Markup | undefined => {
  const of = (top1: Readonly<Record<string, number>> | null | undefined): number => top1?.[String(k)] ?? Number.NaN;
  const [raw, random] = [of(baseline?.raw), of(baseline?.random)];
  const series = (["online", "target"] as const).flatMap((encoder): readonly Series[] => {
    const records = knn.filter((record) => record.encoder === encoder);
    if (records.length === 0) return [];
    const start = Number.isFinite(random) ? [{ step: -1, value: random }] : []; // both encoders start as the untrained one
    const points = [...start, ...records.map(({ step, top1 }) => ({ step, value: of(top1) }))];
    return [
      {
        name: `${encoder} encoder`,
        tone: encoderTones[encoder],
        look: "dots",
        x: points.map(({ step }) => step + 1),
        y: points.map(({ value }) => value),
      },
    ];
  });
  const levels: readonly Reference[] = [
    { name: `raw pixels ${percentText(raw)}`, y: raw, tone: 5 },
    { name: `untrained ${percentText(random)}`, y: random, tone: 0 },
  ];
  const references = levels.filter(({ y }) => Number.isFinite(y));
  if (series.length === 0) return undefined;
  return card(
    "kNN accuracy during training",
    { series, references, x: stepAxis, y: { label: "accuracy", unit: "percent" }, label: `kNN accuracy by step, k ${k}` },
    `k = ${k}, on the monitor's images: often fewer than those of the numbers above.`,
  );
};

const hyperNames: ReadonlyMap<string, string> = new Map([
  ["lr", "Learning rate"],
  ["wd", "Weight decay"],
  ["momentum", "Momentum of the target encoder"],
]);

const varies = (values: readonly number[]): boolean => values.some((value) => value !== values[0]);

const hyperCards = ({ steps, hyper }: History): readonly Markup[] =>
  [...hyper].flatMap(([name, values]) => {
    if (name !== "lr" && !varies(values)) return [];
    const title = hyperNames.get(name) ?? name;
    const series = [{ name, tone: 3, x: steps, y: values }] as const;
    return [card(title, { series, x: stepAxis, y: { label: name, include: name === "lr" ? [0] : [] }, label: `${title} by step` })];
  });

/** Curves of a run by step: loss, kNN accuracy, rate and other schedules, spread of the embeddings, speed. */
export const curves = (history: History, k: number): Markup => {
  const { steps, columns } = history;
  const loss = card("Loss", {
    series: withAverage("loss", 1, steps, columns.loss),
    x: stepAxis,
    y: { label: "loss" },
    label: `Loss by step, from ${shortText(columns.loss[0] ?? Number.NaN)} to ${shortText(columns.loss.at(-1) ?? Number.NaN)}`,
  });
  const spread = card(
    "Spread of the embeddings",
    {
      series: withAverage("standard deviation", 4, steps, columns.embeddingStd),
      x: stepAxis,
      y: { label: "deviation", include: [0, 1] },
      label: "Standard deviation of the embeddings by step",
    },
    "1: spread over the whole sphere. 0: collapse, all images look the same to the encoder.",
  );
  const speed = card(
    "Speed",
    {
      series: withAverage("images / s", 5, steps, columns.imagesPerSecond),
      x: stepAxis,
      y: { label: "images a second", include: [0] },
      label: "Images a second by step",
    },
    `Waiting for images: ${percentText(median(columns.waitShare))} of the time (median).`,
  );
  const cards = [loss, knnCard(history, k), ...hyperCards(history), spread, speed].filter((one) => one !== undefined);
  return html`<div class="pair">${cards}</div>`;
};
