import { dataText, html, type Markup } from "./markup.ts";
import { percentAt, pixels } from "./places.ts";
import { drawReferences, type Reference } from "./references.ts";
import { type Axis, rangeOf, type Scale, scaleOf } from "./scale.ts";
import { type Curve, thin } from "./thin.ts";
import type { Tone } from "./tone.ts";

/** A curve of a chart. */
export interface Series extends Curve {
  readonly name: string;
  readonly tone: Tone;
  /** A plain line, a pale one behind the others, a thin one for noise that matters, a broken one, or one with a dot at each point. */
  readonly look?: "plain" | "faint" | "fine" | "dashed" | "dots";
}

export interface LineChartOptions {
  readonly series: readonly Series[];
  readonly references?: readonly Reference[];
  readonly x: Axis;
  readonly y: Axis;
  /** In pixels; the width is that of the page's column. */
  readonly height?: number;
  /** What the chart shows, for those who cannot see it. */
  readonly label: string;
}

/** The inner width that curves are drawn in; the page stretches it to the column. */
const width = 1000;
/** A curve of so few points shows them even when it was not asked to. */
const mostDots = 24;

/**
 * The path of a curve in a box `width` wide and `height` high; a value that cannot be shown interrupts it. A point alone between
 * two gaps becomes a dot.
 */
export const pathOf = (curve: Curve, x: Scale, y: Scale, height: number): string => {
  let path = "";
  let begun = false;
  curve.y.forEach((value, i) => {
    const place = y.at(value);
    if (!Number.isFinite(place)) {
      begun = false;
      return;
    }
    const point = `${pixels(width * x.at(curve.x[i] as number))} ${pixels(height * (1 - place))}`;
    const alone = !begun && !Number.isFinite(y.at(curve.y[i + 1] ?? Number.NaN));
    path += alone ? `M${point}h0` : `${begun ? "L" : "M"}${point}`;
    begun = !alone;
  });
  return path;
};

const grid = (x: Scale, y: Scale, height: number): Markup => {
  const rows = y.ticks.map(({ value, text }) => {
    const at = pixels(height * (1 - y.at(value)));
    return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/><text class="y-tick" x="-8" y="${at}" dy="4">${text}</text>`;
  });
  const columns = x.ticks.map(({ value, text }) => {
    const at = percentAt(x.at(value));
    return html`<line class="notch" x1="${at}" x2="${at}" y1="${height}" y2="${height + 4}"/><text class="x-tick" x="${at}" y="${height + 18}">${text}</text>`;
  });
  return html`${rows}<line class="axis" x1="0" x2="100%" y1="${height}" y2="${height}"/>${columns}`;
};

const drawSeries = ({ tone, look = "plain", ...curve }: Series, x: Scale, y: Scale, height: number): Markup => {
  const path = html`<path class="curve ${look} tone-${tone}" d="${pathOf(curve, x, y, height)}"/>`;
  const lines = html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" width="100%" height="${height}">${path}</svg>`;
  if (look !== "dots" && (look === "faint" || curve.y.length > mostDots)) return lines;
  const dots = curve.y.flatMap((value, i) => {
    const place = y.at(value);
    if (!Number.isFinite(place)) return [];
    return [
      html`<circle class="dot tone-${tone}" cx="${percentAt(x.at(curve.x[i] as number))}" cy="${pixels(height * (1 - place))}" r="3"/>`,
    ];
  });
  return html`${lines}${dots}`;
};

const compact = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(5)) : null);

/** What the page's script needs to read values off under the pointer. */
const readings = (series: readonly Series[], x: Scale, axis: Axis, unit: Axis["unit"]): string =>
  dataText({
    x: [x.min, x.max],
    label: axis.label,
    percent: unit === "percent",
    series: series.map(({ name, tone, x: xs, y: ys }) => ({ name, tone, x: xs.map(compact), y: ys.map(compact) })),
  });

/**
 * Curves over a common x axis as an SVG that is as wide as its column while its texts keep their size. Long curves are thinned
 * to what can be seen; every extreme stays. Without a value to show there is a sentence instead.
 */
export const lineChart = ({ series: all, references = [], x: xAxis, y: yAxis, height = 200, label }: LineChartOptions): Markup => {
  const series = all.map((one) => ({ ...one, ...thin(one) }));
  const xRange = rangeOf([...series.map((one) => one.x), xAxis.include ?? []]);
  const log = yAxis.scale === "log";
  const yRange = rangeOf([...series.map((one) => one.y), references.map((one) => one.y), yAxis.include ?? []], { log });
  if (xRange === undefined || yRange === undefined) return html`<p class="empty">Nothing was recorded.</p>`;
  const x = scaleOf(xAxis, xRange, { ticks: 6 });
  const y = scaleOf(yAxis, yRange, { ticks: Math.max(3, Math.round(height / 40)), pad: references.length > 0 ? 0.09 : 0.06 });
  const drawn = html`${grid(x, y, height)}${series.map((one) => drawSeries(one, x, y, height))}${drawReferences(references, series, x, y, height)}`;
  const name = html`<text class="axis-label" x="100%" y="${height + 34}">${xAxis.label}</text>`;
  const data = readings(series, x, xAxis, yAxis.unit);
  return html`<svg class="chart" role="img" aria-label="${label}" width="100%" height="${height}" data-readings="${data}">${drawn}${name}</svg>`;
};

/** The key of a chart's colours. */
export const legend = (series: readonly Pick<Series, "name" | "tone" | "look">[]): Markup => {
  const entry = ({ name, tone, look = "plain" }: Pick<Series, "name" | "tone" | "look">): Markup =>
    html`<li><svg width="22" height="10" aria-hidden="true"><line class="curve ${look} tone-${tone}" x1="1" x2="21" y1="5" y2="5"/></svg>${name}</li>`;
  return html`<ul class="legend">${series.map(entry)}</ul>`;
};
