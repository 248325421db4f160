import fc from "fast-check";
import { expect, test } from "vitest";
import { movingAverage } from "./moving-average.ts";
import { thin } from "./thin.ts";

const count = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

test("a short curve stays as it is", () => {
  const curve = { x: count(22), y: count(22) };
  expect(thin(curve, 10)).toEqual(curve);
});

test("of each bucket the extremes stay, in their order, and the ends of the curve", () => {
  const y = [5, 1, 9, 3, 3, 3, 3, 3, 2, 8, 0, 4, 4];
  expect(thin({ x: count(13), y }, 3)).toEqual({ x: [0, 1, 2, 4, 9, 10, 12], y: [5, 1, 9, 3, 8, 0, 4] });
});

test("a stretch without values stays a gap", () => {
  const y = count(100).map((i) => (i >= 40 && i < 70 ? Number.NaN : i));
  const { x, y: kept } = thin({ x: count(100), y }, 10);
  expect(x.filter((_, i) => Number.isNaN(kept[i]))).toEqual([40, 50, 60]);
});

test("laws: bounded, a part of the curve in order, no extreme lost", () => {
  const values = fc.array(
    fc.oneof({ arbitrary: fc.double({ noNaN: true, min: -1e9, max: 1e9 }), weight: 9 }, { arbitrary: fc.constant(Number.NaN), weight: 1 }),
    {
      minLength: 1,
      maxLength: 400,
    },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 50 }), (y, buckets) => {
      const { x: kept, y: values } = thin({ x: count(y.length), y }, buckets);
      expect(kept.length).toBeLessThanOrEqual(2 * buckets + 2);
      kept.forEach((at, i) => {
        expect(values[i]).toBe(y[at]);
        if (i > 0) expect(at).toBeGreaterThan(kept[i - 1] as number);
      });
      const finite = (list: readonly number[]) => list.filter(Number.isFinite);
      expect(Math.max(...finite(values))).toBe(Math.max(...finite(y)));
      expect(Math.min(...finite(values))).toBe(Math.min(...finite(y)));
      expect([kept[0], kept.at(-1)]).toEqual([0, y.length - 1]);
    }),
    { seed: 3 },
  );
});

test("the moving average equals the mean of each window, one by one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -100, max: 100 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 8 }),
      (values, reach) => {
        const slow = values.map((_, i) => {
          const window = values.filter((__, j) => Math.abs(i - j) <= reach);
          return window.reduce((a, b) => a + b, 0) / window.length;
        });
        movingAverage(values, 2 * reach + 1).forEach((value, i) => {
          expect(value).toBeCloseTo(slow[i] as number, 9);
        });
      },
    ),
    { seed: 4 },
  );
  expect(movingAverage([1, Number.NaN, 3, Number.NaN, Number.NaN, Number.NaN], 3)).toEqual([1, 2, 3, 3, Number.NaN, Number.NaN]);
});
