import { lengthOf } from "./numbers.ts";
import type { SlowOptimizer, SlowTree } from "./slow-optimizers.ts";

/** Which output unit an element belongs to: the column of `[in, out]`, the first index of a convolution, one unit for a vector. */
const unitOf = (shape: readonly number[], i: number): number => {
  if (shape.length < 2) return 0;
  if (shape.length === 2) return i % (shape[1] as number);
  return Math.floor(i / shape.slice(1).reduce((a, b) => a * b, 1));
};

/** An optimizer behind adaptive gradient clipping, unit by unit in float64: `g *= ratio max(|w|, floor) / |g|` where that is below 1. */
export const slowAdaptiveClip =
  (inner: SlowOptimizer, { ratio = 0.01, floor = 1e-3 } = {}): SlowOptimizer =>
  (params, gradients, hyper) => {
    const clipped: SlowTree = Object.fromEntries(
      Object.entries(gradients).map(([path, { shape, data }]) => {
        const of = (numbers: ArrayLike<number>, unit: number): number[] => Array.from(numbers).filter((_, i) => unitOf(shape, i) === unit);
        const weights = params[path]?.data ?? [];
        const kept = Array.from(data, (g, i) => {
          const unit = unitOf(shape, i);
          const most = ratio * Math.max(lengthOf(of(weights, unit)), floor);
          const length = lengthOf(of(data, unit));
          return length > most ? (g * most) / length : g;
        });
        return [path, { shape, data: kept }];
      }),
    );
    return inner(params, clipped, hyper);
  };
