/** A place on an axis with its text. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** How the texts of ticks are written; the values of a percent axis are in 0..1. */
export type Unit = "percent";

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`. */
export const roundStep = (least: number, { whole = false }: { readonly whole?: boolean } = {}): number => {
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const factors = whole && power < 10 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  const step = power * (factors.find((factor) => factor * power >= least * (1 - 1e-9)) as number);
  return whole ? Math.max(1, step) : step;
};

const compact = (value: number): string => {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  return Math.abs(value) >= 1e4 ? `${Number((value / 1e3).toPrecision(4))}k` : value.toLocaleString("en");
};

const decimalsOf = (step: number): number => {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 12;
};

const textOf = (value: number, step: number, largest: number, unit: Unit | undefined): string => {
  if (unit === "percent") return `${(100 * value).toFixed(decimalsOf(100 * step))} %`;
  if (largest < 1e-2) return value === 0 ? "0" : Number(value.toPrecision(6)).toExponential();
  return step >= 1 && Math.abs(value) >= 1000 ? compact(value) : value.toFixed(decimalsOf(step));
};

/** Round values within [min, max], at most `count` of them (and never fewer than the step allows), with texts of one precision. */
export const linearTicks = (
  min: number,
  max: number,
  { count, whole = false, unit }: { readonly count: number; readonly whole?: boolean; readonly unit?: Unit | undefined },
): readonly Tick[] => {
  const step = roundStep((max - min) / Math.max(1, count - 1), { whole });
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  const largest = Math.max(Math.abs(min), Math.abs(max));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = (first + i) * step;
    return { value, text: textOf(value, step, largest, unit) };
  });
};

const powerText = (value: number): string => (value >= 1e-3 && value < 1e4 ? String(value) : value.toExponential().replace("+", ""));

/** Powers of ten within [min, max], with 2 and 5 times them when there are few, every second or third when there are many. */
export const logTicks = (min: number, max: number, { count }: { readonly count: number }): readonly Tick[] => {
  const first = Math.floor(Math.log10(min) - 1e-9);
  const last = Math.ceil(Math.log10(max) + 1e-9);
  const decades = Math.log10(max / min);
  const factors = decades < 2 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / count));
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((power) => power % stride === 0);
  const values = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)));
  return values
    .filter((value) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9))
    .map((value) => ({ value, text: powerText(value) }));
};
