import { stepAxis } from "./curve-card.ts";
import type { History } from "./history.ts";
import { lineChart, type Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import { countText, percentText, shortText } from "./number-text.ts";

const dipText = ({ since, step, from, to, spike }: History["dips"][number]): string => {
  const cause =
    spike === null
      ? "no gradient spiked in between"
      : `the gradient of ${spike.layer} spiked ${shortText(spike.ratio)}× at step ${countText(spike.step + 1)}`;
  return `Step ${countText(since)} to ${countText(step)}: from ${percentText(from)} to ${percentText(to)}; ${cause}.`;
};

/** The kNN curve on the x axis of a map with these columns, its dips marked, to stand below the map; undefined without one. */
export const knnBelow = ({ knn, dips }: History, k: number, columns: readonly number[]): Markup | undefined => {
  const online = knn.filter(({ encoder }) => encoder === "online");
  const [first, last] = [columns[0], columns.at(-1)];
  if (online.length === 0 || first === undefined || last === undefined) return undefined;
  const half = columns.length > 1 ? (last - first) / (columns.length - 1) / 2 : 0.5;
  const accuracy: Series = {
    name: "kNN accuracy",
    tone: 1,
    look: "dots",
    x: online.map(({ step }) => step + 1),
    y: online.map(({ top1 }) => top1[String(k)] ?? Number.NaN),
  };
  const low: Series = {
    name: "dips",
    tone: 2,
    look: "dots",
    x: dips.flatMap(({ step }) => [step, step]),
    y: dips.flatMap(({ to }) => [to, Number.NaN]),
  };
  const chart = lineChart({
    series: dips.length > 0 ? [accuracy, low] : [accuracy],
    x: { ...stepAxis, include: [first - half, last + half] },
    y: { label: "accuracy", unit: "percent" },
    height: 110,
    label: `kNN accuracy by step, on the axis of the map above; ${dips.length} dips`,
  });
  const notes = dips.map((dip) => html`<li>${dipText(dip)}</li>`);
  return html`<div class="below-map"><p class="note">kNN accuracy${dips.length > 0 ? ", dips in orange" : ""}</p>${chart}</div>${notes.length > 0 ? html`<ul class="notes">${notes}</ul>` : undefined}`;
};
