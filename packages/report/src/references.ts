import { html, type Markup } from "./markup.ts";
import { pixels } from "./places.ts";
import type { Scale } from "./scale.ts";
import type { Curve } from "./thin.ts";
import type { Tone } from "./tone.ts";

/** A level that curves are compared with: a horizontal line with its name. */
export interface Reference {
  readonly name: string;
  readonly y: number;
  readonly tone: Tone;
}

/** The least distance of two names, in pixels. */
const nameGap = 14;
/** Where the base of a name lies from its line: above it, or below it. */
const [above, below] = [-5, 13];
/** From this share of the width on there are names. */
const namesFrom = 0.6;

/** Places for names near the wanted ones, in the same order, none closer to the next than `gap`, all within [low, high] if they fit. */
export const spreadOut = (wanted: readonly number[], gap: number, low: number, high: number): readonly number[] => {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const places = [...wanted];
  let floor = low;
  for (const i of order) {
    places[i] = Math.max(places[i] as number, floor);
    floor = (places[i] as number) + gap;
  }
  let ceiling = high;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i] as number, ceiling);
    ceiling = (places[i] as number) - gap;
  }
  return places;
};

/** Whether a curve runs where a name above a line would stand. */
const isTaken = (line: number, curves: readonly Curve[], x: Scale, y: Scale, height: number): boolean =>
  curves.some((curve) =>
    curve.x.some((value, i) => {
      const place = height * (1 - y.at(curve.y[i] as number));
      return x.at(value) >= namesFrom && place > line - 18 && place < line;
    }),
  );

/** Levels as dotted lines over the whole width, each with its name at the right: above the line, or below it where a curve is in the way. */
export const drawReferences = (references: readonly Reference[], curves: readonly Curve[], x: Scale, y: Scale, height: number): Markup => {
  const lines = references.map(({ y: value }) => height * (1 - y.at(value)));
  const wanted = lines.map((line) => line + (isTaken(line, curves, x, y, height) ? below : above));
  const names = spreadOut(wanted, nameGap, 8, height - 4);
  return html`${references.map(({ name, tone }, i) => {
    const at = pixels(lines[i] as number);
    const line = html`<line class="reference tone-${tone}" x1="0" x2="100%" y1="${at}" y2="${at}"/>`;
    return html`${line}<text class="reference-name tone-${tone}" x="100%" y="${pixels(names[i] as number)}">${name}</text>`;
  })}`;
};
