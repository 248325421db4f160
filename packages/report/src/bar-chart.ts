import { html, type Markup } from "./markup.ts";
import { percentAt } from "./places.ts";
import type { Tone } from "./tone.ts";

/** A bar with its name and the text of its value. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly tone: Tone;
  /** How far the value may be off to either side, drawn as a line across the end of the bar. */
  readonly error?: number;
}

export interface BarChartOptions {
  readonly bars: readonly Bar[];
  /** The value of a bar that fills the width; the largest value unless given. */
  readonly max?: number;
  /** What the chart shows, for those who cannot see it. */
  readonly label: string;
}

const rowHeight = 34;
const thickness = 12;

/** Horizontal bars from zero, one below the other, each under its name and value. A value that is not finite has no bar. */
export const barChart = ({ bars, max, label }: BarChartOptions): Markup => {
  const most = max ?? Math.max(0, ...bars.map(({ value }) => value).filter(Number.isFinite));
  const share = (value: number): number => (Number.isFinite(value) && most > 0 ? Math.min(1, Math.max(0, value / most)) : 0);
  const errorLine = (value: number, error: number, y: number): Markup =>
    html`<line class="bar-error" x1="${percentAt(share(value - error))}" x2="${percentAt(share(value + error))}" y1="${y}" y2="${y}"/>`;
  const rows = bars.map(({ name, value, text, tone, error }, i) => {
    const y = i * rowHeight;
    const whisker = error === undefined || !Number.isFinite(value + error) ? "" : errorLine(value, error, y + 16 + thickness / 2);
    return html`<text class="bar-name" x="0" y="${y + 11}">${name}</text><text class="bar-value" x="100%" y="${y + 11}">${text}</text><rect class="bar-track" x="0" y="${y + 16}" width="100%" height="${thickness}" rx="3"/><rect class="bar tone-${tone}" x="0" y="${y + 16}" width="${percentAt(share(value))}" height="${thickness}" rx="3"/>${whisker}`;
  });
  return html`<svg class="bars" role="img" aria-label="${label}" width="100%" height="${bars.length * rowHeight}">${rows}</svg>`;
};
