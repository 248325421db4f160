import { html, type Markup } from "./markup.ts";

export interface ScatterOptions {
  /** Points `[n, 2]`, row by row; any range. */
  readonly points: ArrayLike<number>;
  /** The group of each point, an index into the names; all in one when there are none. */
  readonly groups: ArrayLike<number>;
  readonly names: readonly string[];
  /** What the plot shows, for those who cannot see it. */
  readonly label: string;
}

const side = 600;
const margin = 12;

/** A colour for each of `count` groups, around the circle of hues; neighbours differ in lightness, too. */
export const groupColor = (group: number, count: number): string =>
  `hsl(${Math.round((360 * group) / Math.max(1, count))} 62% ${group % 2 === 0 ? 46 : 60}%)`;

/** Points of a plane, coloured by group, with the key of the groups above them. Points that are not finite are left out. */
export const scatterPlot = ({ points, groups, names, label }: ScatterOptions): Markup => {
  const count = Math.floor(points.length / 2);
  const shown = Array.from({ length: count }, (_, i) => i).filter(
    (i) => Number.isFinite(points[2 * i]) && Number.isFinite(points[2 * i + 1]),
  );
  if (shown.length === 0) return html`<p class="empty">There are no points.</p>`;
  const along = (axis: 0 | 1): ((i: number) => string) => {
    const values = shown.map((i) => points[2 * i + axis] as number);
    const low = values.reduce((least, value) => Math.min(least, value));
    const high = values.reduce((most, value) => Math.max(most, value));
    const scale = high > low ? (side - 2 * margin) / (high - low) : 0;
    return (i) => (margin + ((points[2 * i + axis] as number) - low) * scale).toFixed(1);
  };
  const [x, y] = [along(0), along(1)];
  const nameOf = (i: number): string => names[groups[i] as number] ?? "";
  const dots = shown.map((i) => {
    const fill = groupColor(groups[i] ?? 0, names.length);
    return html`<circle cx="${x(i)}" cy="${y(i)}" r="3.2" fill="${fill}" fill-opacity="0.75"><title>${nameOf(i)}</title></circle>`;
  });
  const keys = names.map((name, group) => {
    const swatch = html`<svg width="10" height="10" aria-hidden="true"><circle cx="5" cy="5" r="4.5" fill="${groupColor(group, names.length)}"/></svg>`;
    return html`<li>${swatch}${name}</li>`;
  });
  return html`<ul class="legend">${keys}</ul><svg role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" width="100%">${dots}</svg>`;
};
