import { linearTicks, logTicks, type Tick, type Unit } from "./ticks.ts";

/** An axis of a chart. */
export interface Axis {
  /** What it shows, with its unit. */
  readonly label: string;
  readonly scale?: "linear" | "log";
  /** How its numbers are written. */
  readonly unit?: Unit;
  /** Whether only whole numbers make sense on it. */
  readonly whole?: boolean;
  /** Values that must be in sight. */
  readonly include?: readonly number[];
}

/** Where values lie on an axis. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** The place of a value: 0 at `min`, 1 at `max`. */
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
}

/** The smallest and the largest of the values that can be shown; undefined when there is none. */
export const rangeOf = (lists: Iterable<readonly number[]>, { log = false } = {}): readonly [min: number, max: number] | undefined => {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of lists) {
    for (const value of values) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return min <= max ? [min, max] : undefined;
};

/**
 * The scale of an axis over a range: exactly the range, or widened on both sides by the share `pad` of it. A range of one value is
 * widened around it.
 */
export const scaleOf = (
  { scale = "linear", unit, whole = false }: Axis,
  [low, high]: readonly [number, number],
  { ticks: count, pad = 0 }: { readonly ticks: number; readonly pad?: number },
): Scale => {
  if (scale === "log") {
    const [from, to] = low === high ? [low / 2, high * 2] : [low, high];
    const wider = (to / from) ** pad;
    const [min, max] = [from / wider, to * wider];
    return { min, max, at: (value) => Math.log(value / min) / Math.log(max / min), ticks: logTicks(min, max, { count }) };
  }
  const half = whole ? 0.5 : Math.abs(low) / 10;
  const around = low === 0 ? [0, 1] : [low - half, high + half];
  const [from, to] = low === high ? (around as [number, number]) : [low, high];
  const wider = (to - from) * pad;
  const [min, max] = [from >= 0 ? Math.max(0, from - wider) : from - wider, to + wider]; // nothing below zero where nothing is
  return { min, max, at: (value) => (value - min) / (max - min), ticks: linearTicks(min, max, { count, whole, unit }) };
};
