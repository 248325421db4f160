import type { History } from "./history.ts";
import type { Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import type { NonFiniteRecord } from "./metric-record.ts";
import { countText } from "./number-text.ts";

/** Names of numbers shown in a sentence, and sentences on a page. */
const mostNames = 3;
const mostSentences = 12;

/** Dots on the loss where steps were not finite: at the last loss before each, for such a step has none of its own. */
export const nonFiniteMarks = ({ nonFinite, steps, columns }: History): readonly Series[] => {
  const points = nonFinite.flatMap(({ step }) => {
    const before = steps.findLastIndex((done) => done <= step);
    return before < 0 ? [] : [{ x: step + 1, y: columns.loss[before] as number }];
  });
  if (points.length === 0) return [];
  return [
    {
      name: "not finite",
      tone: 2,
      look: "dots",
      x: points.flatMap(({ x }) => [x, x]),
      y: points.flatMap(({ y }) => [y, Number.NaN]), // the gaps leave single dots
    },
  ];
};

const sentence = ({ step, from, tensors, action = "stop" }: NonFiniteRecord): Markup => {
  const names = `${tensors.slice(0, mostNames).join(", ")}${tensors.length > mostNames ? ` and ${countText(tensors.length - mostNames)} more` : ""}`;
  const done = {
    stop: "Training stopped.",
    skip: "It was left out, with its batch.",
    "roll-back": `Training went back to step ${countText(step)} and on with later batches.`,
  }[action];
  return html`<li>Step ${countText((from ?? step) + 1)} was not finite: ${names}. ${done}</li>`;
};

/** Each step that was not finite in a sentence; undefined without any. */
export const nonFiniteNotes = ({ nonFinite }: History): Markup | undefined => {
  if (nonFinite.length === 0) return undefined;
  const more = nonFinite.length - mostSentences;
  const rest = more > 0 ? html`<li>And ${countText(more)} more.</li>` : undefined;
  return html`<div class="card wide"><ul class="notes">${nonFinite.slice(0, mostSentences).map(sentence)}${rest}</ul></div>`;
};
