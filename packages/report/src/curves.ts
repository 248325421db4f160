import { curveCard, stepAxis, withAverage } from "./curve-card.ts";
import type { History } from "./history.ts";
import type { Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import { median } from "./median.ts";
import { nonFiniteMarks, nonFiniteNotes } from "./non-finite-marks.ts";
import { percentText, shortText } from "./number-text.ts";
import type { Reference } from "./references.ts";

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
  return curveCard(
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
    return [curveCard(title, { series, x: stepAxis, y: { label: name, include: name === "lr" ? [0] : [] }, label: `${title} by step` })];
  });

/** How the features of clean images are spread, by step; nothing where it was not measured. */
const qualityCards = ({ quality }: History): readonly Markup[] => {
  if (quality.length === 0) return [];
  const x = quality.map(({ step }) => step + 1);
  const rank: Series = { name: "RankMe", tone: 6, look: "dots", x, y: quality.map(({ rankMe }) => rankMe) };
  const pair: readonly Series[] = [
    { name: "alignment", tone: 2, look: "dots", x, y: quality.map(({ alignment }) => alignment) },
    { name: "uniformity", tone: 3, look: "dots", x, y: quality.map(({ uniformity }) => uniformity) },
  ];
  return [
    curveCard(
      "Effective rank of the features",
      { series: [rank], x: stepAxis, y: { label: "dimensions", include: [1] }, label: "RankMe of the features by step" },
      "RankMe: how many dimensions the features use, from 1 (collapse) to their width.",
    ),
    curveCard(
      "Alignment and uniformity",
      { series: pair, x: stepAxis, y: { label: "distance, log potential" }, label: "Alignment and uniformity of the features by step" },
      "Alignment: how far two views of an image lie apart. Uniformity: how evenly images cover the sphere. Lower is better for both together; either alone is easy.",
    ),
  ];
};

/** Curves of a run by step: loss, kNN accuracy, rate and other schedules, quality of the features, speed. */
export const curves = (history: History, k: number): Markup => {
  const { steps, columns } = history;
  const loss = curveCard("Loss", {
    series: [...withAverage("loss", 1, steps, columns.loss), ...nonFiniteMarks(history)],
    x: stepAxis,
    y: { label: "loss" },
    label: `Loss by step, from ${shortText(columns.loss[0] ?? Number.NaN)} to ${shortText(columns.loss.at(-1) ?? Number.NaN)}`,
  });
  const speed = curveCard(
    "Speed",
    {
      series: withAverage("images / s", 5, steps, columns.imagesPerSecond),
      x: stepAxis,
      y: { label: "images a second", include: [0] },
      label: "Images a second by step",
    },
    `Waiting for images: ${percentText(median(columns.waitShare))} of the time (median).`,
  );
  const cards = [loss, knnCard(history, k), ...hyperCards(history), ...qualityCards(history), speed].filter((one) => one !== undefined);
  return html`<div class="pair">${nonFiniteNotes(history)}${cards}</div>`;
};
