import { stepAxis } from "./curve-card.ts";
import { type HeatGrid, heatGrid } from "./heat-grid.ts";
import { type HeatRow, heatmap } from "./heatmap.ts";
import type { History } from "./history.ts";
import { knnBelow } from "./knn-below.ts";
import { html, type Markup } from "./markup.ts";
import { median } from "./median.ts";
import { countText } from "./number-text.ts";
import { chartCard } from "./page.ts";
import { type SpikeEvent, strongestFirst } from "./spike-events.ts";

/** Beyond this many, marks hide more than they show. */
const mostMarks = 40;

/** A parameter's path as a row: `encoder/blocks/block03/mlp/fc1/w` is `mlp/fc1/w` in the group `block03`. */
export const rowOf = (path: string): HeatRow => {
  const parts = path.split("/");
  const inner = parts.length > 1 && (parts[0] === "encoder" || parts[0] === "heads") ? parts.slice(1) : parts;
  const [group = path, ...rest] = inner.length > 2 && inner[0] === "blocks" ? inner.slice(1) : inner;
  return { group, name: rest.join("/") };
};

/** Ends of the colour scale of norms over their layer's median. */
const relativeRange = [0.25, 16] as const;

/** The values of a grid over the median of their layer's curve. */
const relative = (grid: HeatGrid, layers: readonly (readonly number[])[]): Float64Array => {
  const medians = layers.map(median);
  return grid.values.map((value, i) => value / (medians[Math.floor(i / grid.columns.length)] as number));
};

/**
 * Two maps of layers by steps: gradient norms as they are, which shows where gradients vanish, and over the median of each layer,
 * which shows when a layer leaps, whether the others follow, and, below it, what the kNN accuracy did.
 */
export const gradientMaps = (history: History, events: readonly SpikeEvent[], k: number): Markup => {
  const { steps, layers } = history;
  const paths = [...layers.keys()];
  const curves = [...layers.values()];
  const grid = heatGrid(steps, curves);
  const marks = strongestFirst(events)
    .slice(0, mostMarks)
    .flatMap(({ strongest: { step, layer } }) => {
      const row = paths.indexOf(layer);
      return row < 0 ? [] : [{ row, column: grid.columnOf(step + 1) }];
    });
  const common = { rows: paths.map(rowOf), columns: grid.columns, x: stepAxis, marks };
  const absolute = heatmap({
    ...common,
    values: grid.values,
    valueLabel: "norm",
    label: `Gradient norm of ${paths.length} layers by step`,
  });
  const leaps = heatmap({
    ...common,
    values: relative(grid, curves),
    valueLabel: "times the median",
    range: relativeRange,
    label: `Gradient norm of ${paths.length} layers by step, over the median of each layer`,
  });
  const which = events.length > mostMarks ? `the ${mostMarks} largest of ${countText(events.length)} spikes` : "spikes";
  const ringed =
    events.length === 0 ? "No layer's norm rose far above its recent past." : `Rings mark ${which}, in the layer where each is strongest.`;
  const binned = grid.stepsPerColumn > 1 ? ` Each column shows the largest of about ${grid.stepsPerColumn} steps.` : "";
  const ends = "The end colours also stand for what lies beyond them.";
  return html`<div class="wide">${chartCard({ title: "Gradient norm of each layer", chart: absolute, note: `${ends}${binned}` })}</div>
<div class="wide">${chartCard({ title: "Gradient norm of each layer over its median", chart: html`${leaps}${knnBelow(history, k, grid.columns)}`, note: `${ringed}${binned}` })}</div>`;
};
