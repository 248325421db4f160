import { collapseMarks, collapseNotes } from "./collapse-marks.ts";
import { curveCard, stepAxis, withAverage } from "./curve-card.ts";
import type { History } from "./history.ts";
import { html, type Markup } from "./markup.ts";

/** How a monitor of the embeddings is shown. */
interface Shown {
  readonly title: string;
  /** Values that must be in sight: those that mean something. */
  readonly include: readonly number[];
  readonly note?: string;
}

/** The monitors that this version knows; others are shown under their own name. */
const known: ReadonlyMap<string, Shown> = new Map([
  [
    "embeddingStd",
    {
      title: "Spread of the embeddings",
      include: [0, 1],
      note: "1: spread over the whole sphere. 0: collapse, all images look the same to the encoder.",
    },
  ],
  ["effectiveRank", { title: "Effective rank", include: [0], note: "How many directions the embeddings use. Near 1: they lie on a line." }],
  [
    "alignment",
    { title: "Alignment", include: [0], note: "Distance of two views of an image. 0: the same. 2: they know nothing of each other." },
  ],
  ["uniformity", { title: "Uniformity", include: [0], note: "0: all embeddings are one point. Near -4: spread evenly." }],
  ["prototypeEntropy", { title: "Use of the prototypes", include: [0, 1], note: "1: all are used alike. 0: all images go to one." }],
  [
    "assignmentEntropy",
    { title: "Indecision of assignments", include: [0, 1], note: "0: each image is decided. 1: all prototypes are alike to it." },
  ],
]);

const monitorCard = (name: string, values: readonly number[], { steps, collapses }: History): Markup => {
  const { title, include, note } = known.get(name) ?? { title: name, include: [] };
  const marks = collapseMarks(name, collapses);
  const series = [...withAverage(name, 4, steps, values), ...marks.series];
  return curveCard(
    title,
    { series, references: marks.references, x: stepAxis, y: { label: name, include }, label: `${title} by step` },
    note,
  );
};

/** What a run recorded of its embeddings: whether they keep apart or collapse. */
export const embeddings = (history: History): Markup => {
  const all = [["embeddingStd", history.columns.embeddingStd] as const, ...history.monitors];
  return html`<div class="pair">${collapseNotes(history.collapses)}${all.map(([name, values]) => monitorCard(name, values, history))}</div>`;
};
