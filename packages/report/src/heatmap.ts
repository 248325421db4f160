import { heatLevels, heatPalette } from "./heat-colors.ts";
import { dataText, html, type Markup } from "./markup.ts";
import { palettePng, pngDataUri } from "./palette-png.ts";
import { percentAt } from "./places.ts";
import { type Axis, type Scale, scaleOf } from "./scale.ts";

/** A row of a heatmap: its name, and the part of the model it stands in, named once for the rows that share it. */
export interface HeatRow {
  readonly name: string;
  readonly group: string;
}

export interface HeatmapOptions {
  readonly rows: readonly HeatRow[];
  /** The x value of each column, ascending. */
  readonly columns: readonly number[];
  /** Positive values `[rows, columns]`, row by row; others are left out. */
  readonly values: Float64Array;
  readonly x: Axis;
  /** What the colours mean. */
  readonly valueLabel: string;
  /** The values at the ends of the colour scale; see {@link heatRange} for what they are otherwise. Values beyond get the end's colour. */
  readonly range?: readonly [min: number, max: number];
  /** Cells to be ringed. */
  readonly marks?: readonly { readonly row: number; readonly column: number }[];
  /** What the map shows, for those who cannot see it. */
  readonly label: string;
}

/**
 * The range of a logarithmic colour scale: all but the smallest twentieth and the largest two-hundredth of the values. A layer whose
 * gradient is zero but for rounding, or one that towers above all others, would leave the rest with a single colour.
 */
export const heatRange = (values: Float64Array): readonly [min: number, max: number] | undefined => {
  const shown = values.filter((value) => Number.isFinite(value) && value > 0).sort();
  if (shown.length === 0) return undefined;
  const last = shown.length - 1;
  return [shown[Math.floor(last / 20)] as number, shown[Math.ceil((last * 199) / 200)] as number];
};

/** The step of the colour scale of each value, 1 to 255; 0 for what cannot be shown. */
export const levelsOf = (values: Float64Array, { min, max }: { readonly min: number; readonly max: number }): Uint8Array =>
  Uint8Array.from(values, (value) => {
    if (!(value > 0 && Number.isFinite(value))) return 0;
    const place = max > min ? Math.log(value / min) / Math.log(max / min) : 1;
    return 1 + Math.round((heatLevels - 1) * Math.min(1, Math.max(0, place)));
  });

const rowNames = (rows: readonly HeatRow[], rowHeight: number): Markup => {
  const groupAt = rows.flatMap((row, i) => (row.group === rows[i - 1]?.group ? [] : [i]));
  const groups = groupAt.map((i, g) => {
    const end = groupAt[g + 1] ?? rows.length;
    const middle = ((i + end) / 2) * rowHeight;
    const edge = i === 0 ? undefined : html`<line class="group-edge" x1="0" x2="100%" y1="${i * rowHeight}" y2="${i * rowHeight}"/>`;
    return html`${edge}<text class="group-name" x="-58" y="${middle}" dy="4">${(rows[i] as HeatRow).group}</text>`;
  });
  const names =
    rowHeight < 9 ? [] : rows.map((row, i) => html`<text class="row-name" x="-8" y="${(i + 0.5) * rowHeight}" dy="3">${row.name}</text>`);
  return html`${groups}${names}`;
};

const drawMarks = (marks: NonNullable<HeatmapOptions["marks"]>, columns: number, rowHeight: number): Markup =>
  html`${marks.map(({ row, column }) => {
    const [x, y] = [percentAt((column + 0.5) / columns), (row + 0.5) * rowHeight];
    return html`<circle class="mark-halo" cx="${x}" cy="${y}" r="4.5"/><circle class="mark" cx="${x}" cy="${y}" r="4.5"/>`;
  })}`;

/** The key of a heatmap's colours: a bar with round values below it. */
const colorKey = (scale: Scale, valueLabel: string): Markup => {
  const bar = pngDataUri(
    palettePng({ width: heatLevels, height: 1, indices: Uint8Array.from({ length: heatLevels }, (_, i) => i + 1), palette: heatPalette }),
  );
  const ticks = scale.ticks.map(({ value, text }) => {
    const at = percentAt(scale.at(value));
    return html`<line class="notch" x1="${at}" x2="${at}" y1="10" y2="14"/><text class="x-tick" x="${at}" y="26">${text}</text>`;
  });
  const image = html`<image href="${bar}" x="0" y="0" width="100%" height="10" preserveAspectRatio="none"/>`;
  return html`<div class="color-key"><span>${valueLabel}</span><svg width="100%" height="30" aria-hidden="true">${image}${ticks}</svg></div>`;
};

/**
 * A table of positive values as colours, logarithmic, one row below the other: layers by steps. The picture is a small PNG inside an
 * SVG, so that sixty rows by a thousand columns stay a few kilobytes; texts keep their size on every screen.
 */
export const heatmap = ({
  rows,
  columns,
  values,
  x: axis,
  valueLabel,
  range = heatRange(values),
  marks = [],
  label,
}: HeatmapOptions): Markup => {
  const [first, last] = [columns[0], columns.at(-1)];
  if (range === undefined || first === undefined || last === undefined) return html`<p class="empty">Nothing was recorded.</p>`;
  const rowHeight = Math.min(12, Math.max(5, Math.round(640 / rows.length)));
  const height = rows.length * rowHeight;
  const scale = scaleOf({ label: valueLabel, scale: "log" }, range, { ticks: 6 });
  const levels = levelsOf(values, scale);
  const png = pngDataUri(palettePng({ width: columns.length, height: rows.length, indices: levels, palette: heatPalette }));
  const half = columns.length > 1 ? (last - first) / (columns.length - 1) / 2 : 0.5;
  const x = scaleOf(axis, [first - half, last + half], { ticks: 6 });
  const ticks = x.ticks.map(({ value, text }) => {
    const at = percentAt(x.at(value));
    return html`<line class="notch" x1="${at}" x2="${at}" y1="${height}" y2="${height + 4}"/><text class="x-tick" x="${at}" y="${height + 18}">${text}</text>`;
  });
  const image = html`<image href="${png}" x="0" y="0" width="100%" height="${height}" preserveAspectRatio="none"/>`;
  const data = dataText({
    label: axis.label,
    value: valueLabel,
    rows,
    rowHeight,
    columns,
    range: [scale.min, scale.max],
    levels: Buffer.from(levels).toString("base64"),
  });
  const inside = html`${image}${rowNames(rows, rowHeight)}${ticks}<text class="axis-label" x="100%" y="${height + 34}">${axis.label}</text>${drawMarks(marks, columns.length, rowHeight)}`;
  return html`${colorKey(scale, valueLabel)}<svg class="chart heatmap" role="img" aria-label="${label}" width="100%" height="${height}" data-heat="${data}">${inside}</svg>`;
};
