import { barChart, chartCard, legend, lineChart, type Markup, type Series, type Tone } from "@twinview/report";
import { medianOf, spreadOf } from "../statistics.ts";
import type { MeasuredCell, MeasuredSetting } from "./measured-cell.ts";
import type { Setting } from "./study.ts";

const tones = [1, 2, 3, 4, 5, 6] as const satisfies readonly Tone[];
const toneAt = (index: number): Tone => tones[index % tones.length] as Tone;

/** Settings whose curves share a chart. */
export interface Panel {
  readonly title: string;
  readonly settings: readonly string[];
}

const named = (settings: readonly MeasuredSetting[], names: readonly string[]): readonly MeasuredSetting[] =>
  names.flatMap((name) => settings.find((setting) => setting.name === name) ?? []);

const curvesOf = ({ name, cells }: MeasuredSetting, tone: Tone): readonly Series[] =>
  cells.map(({ curve }, i) => ({ name, tone, look: i === 0 ? "plain" : "faint", x: curve.epoch, y: curve.knn }));

/** kNN accuracy by epoch, as in the paper's figures 1, 2, 3, 5 and 6: a chart for each panel, all with the same axis of accuracy. */
export const knnCurves = (settings: readonly MeasuredSetting[], panels: readonly Panel[]): readonly Markup[] => {
  const values = settings.flatMap(({ cells }) => cells.flatMap(({ curve }) => curve.knn)).filter(Number.isFinite);
  const include = values.length === 0 ? [] : [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return panels.map(({ title, settings: names }) => {
    const shown = named(settings, names);
    return chartCard({
      title,
      chart: lineChart({
        series: shown.flatMap((one, i) => curvesOf(one, toneAt(i))),
        x: { label: "epoch", include: [0] },
        y: { label: "kNN accuracy", unit: "percent", include },
        height: 220,
        label: `kNN accuracy by epoch: ${names.join(", ")}`,
      }),
      keys: legend(shown.map(({ name }, i) => ({ name, tone: toneAt(i) }))),
      note: "The first seed strong, the others pale.",
    });
  });
};

/** Gradient norms of the first and the last layer relative to their median, as in the paper's figure 4: a chart for each seed. */
export const gradientCurves = ({ name, cells }: MeasuredSetting): readonly Markup[] =>
  cells.flatMap(({ seed, gradients }) => {
    if (gradients === undefined) return [];
    const ends = [
      { place: "first layer", tone: 2, ...gradients.first },
      { place: "last layer", tone: 1, ...gradients.last },
    ] as const;
    const series = ends.map(({ place, tone, norms }): Series => {
      const middle = medianOf(norms);
      return { name: place, tone, look: "fine", x: gradients.steps, y: norms.map((norm) => norm / middle) };
    });
    return [
      chartCard({
        title: `${name}, seed ${seed}`,
        chart: lineChart({
          series,
          x: { label: "step", whole: true, include: [0] },
          y: { label: "norm over its median", scale: "log" },
          height: 220,
          label: `Gradient norm of the first and the last layer by step, ${name}, seed ${seed}`,
        }),
        keys: legend(series),
        note: ends.map(({ place, layer }) => `${place}: ${layer}`).join(", "),
      }),
    ];
  });

const percent = (value: number): string => (100 * value).toFixed(1);

/** A number in 0..1 of every run as bars, mean and deviation over the seeds of a setting. */
const spreadBars = (
  settings: readonly MeasuredSetting[],
  { title, label, of }: { readonly title: string; readonly label: string; readonly of: (cell: MeasuredCell) => number },
): Markup => {
  const bars = settings.map(({ name, cells }, i) => {
    const { mean, std } = spreadOf(cells.map(of));
    return { name, value: mean, text: `${percent(mean)} ± ${percent(std)}`, tone: toneAt(i), ...(cells.length > 1 ? { error: std } : {}) };
  });
  return chartCard({ title, chart: barChart({ bars, max: 1, label: `${label} of each setting` }) });
};

/** Accuracies after fine-tuning on the test images and on the training images, as bars, and all kNN curves in one chart. */
export const transferBars = (settings: readonly MeasuredSetting[]): readonly Markup[] => {
  const tuned = (images: string, of: (cell: MeasuredCell) => number): Markup => {
    const title = `Fine-tuned: accuracy on ${images}`;
    return spreadBars(settings, { title, label: title, of });
  };
  return [
    tuned("test images", ({ transfer }) => transfer?.test ?? 0),
    tuned("the training images", ({ transfer }) => transfer?.train ?? 0),
    ...knnCurves(settings, [{ title: "kNN accuracy during pre-training", settings: settings.map(({ name }) => name) }]),
  ];
};

/** The final accuracies beside the paper's, as bars. */
export const accuracyBars = (settings: readonly MeasuredSetting[], planned: readonly Setting[]): readonly Markup[] => {
  const here = spreadBars(settings, { title: "Here: kNN accuracy", label: "kNN accuracy", of: ({ knn }) => knn });
  const paper = planned.flatMap(({ name, paper: value }, i) =>
    value === undefined ? [] : [{ name, value: value / 100, text: value.toFixed(1), tone: toneAt(i) }],
  );
  if (paper.length === 0) return [here];
  const chart = barChart({ bars: paper, max: 1, label: "The paper's linear-probe accuracy of each setting" });
  return [chartCard({ title: "The paper: linear probe on ImageNet", chart }), here];
};
