import type { History } from "./history.ts";
import type { Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import { countText, shortText } from "./number-text.ts";
import type { Reference } from "./references.ts";

type Collapses = History["collapses"];

/** What a metric's chart shows of collapses: a dot at the step where each was told, and the floor that the metric fell below. */
export const collapseMarks = (
  metric: string,
  collapses: Collapses,
): { readonly series: readonly Series[]; readonly references: readonly Reference[] } => {
  const told = collapses.flatMap((record) => (record.kind === "collapse" && record.metric === metric ? [record] : []));
  const [first] = told;
  if (first === undefined) return { series: [], references: [] };
  const dots: Series = {
    name: "collapse",
    tone: 2,
    look: "dots",
    x: told.flatMap(({ step }) => [step + 1, step + 1]),
    y: told.flatMap(({ value }) => [value, Number.NaN]), // the gaps leave single dots
  };
  return { series: [dots], references: [{ name: `collapse below ${shortText(first.floor)}`, y: first.floor, tone: 0 }] };
};

/** Each collapse in a sentence, and whether it ended; undefined without any. */
export const collapseNotes = (collapses: Collapses): Markup | undefined => {
  const sentences = collapses.map((record) =>
    record.kind === "collapse"
      ? html`<li>Collapse at step ${countText(record.step + 1)}: ${record.metric} is ${shortText(record.value)}, below ${shortText(record.floor)} since step ${countText(record.since + 1)}. Images look alike to the encoder.</li>`
      : html`<li>The collapse of step ${countText(record.since + 1)} is over at step ${countText(record.step + 1)}: ${record.metric} is ${shortText(record.value)}.</li>`,
  );
  return sentences.length === 0 ? undefined : html`<div class="card wide"><ul class="notes">${sentences}</ul></div>`;
};
