import fc from "fast-check";
import { expect, test } from "vitest";
import { rangeOf, scaleOf } from "./scale.ts";
import { linearTicks, logTicks, roundStep } from "./ticks.ts";

const texts = (ticks: readonly { readonly text: string }[]): string => ticks.map(({ text }) => text).join(" ");

test("ticks of some axes", () => {
  expect(texts(linearTicks(0, 400, { count: 6 }))).toBe("0 100 200 300 400");
  expect(texts(linearTicks(1.7, 5.1, { count: 5 }))).toBe("2 3 4 5");
  expect(texts(linearTicks(0.69, 0.83, { count: 5, unit: "percent" }))).toBe("70 % 75 % 80 %");
  expect(texts(linearTicks(0.7, 0.79, { count: 5, unit: "percent" }))).toBe("70.0 % 72.5 % 75.0 % 77.5 %");
  expect(texts(linearTicks(0, 1e-3, { count: 3 }))).toBe("0 5e-4 1e-3");
  expect(texts(linearTicks(0.99, 1, { count: 3 }))).toBe("0.990 0.995 1.000");
  expect(texts(linearTicks(0, 100_000, { count: 6 }))).toBe("0 20k 40k 60k 80k 100k");
  expect(texts(linearTicks(0, 2, { count: 6, whole: true }))).toBe("0 1 2");
  expect(texts(linearTicks(0, 12, { count: 6, whole: true }))).toBe("0 5 10");
  expect(texts(linearTicks(0, 3e6, { count: 4 }))).toBe("0 1M 2M 3M");
  expect(texts(linearTicks(-1, 1, { count: 5 }))).toBe("-1.0 -0.5 0.0 0.5 1.0");
});

test("ticks of logarithmic axes", () => {
  expect(texts(logTicks(0.003, 6, { count: 6 }))).toBe("0.01 0.1 1");
  expect(texts(logTicks(0.15, 6, { count: 6 }))).toBe("0.2 0.5 1 2 5");
  expect(texts(logTicks(1e-9, 1e6, { count: 5 }))).toBe("1e-9 1e-6 0.001 1 1000 1e6");
  expect(texts(logTicks(1e-3, 1e-1, { count: 5 }))).toBe("0.001 0.01 0.1");
});

test("linear ticks lie within, at equal distances that are round, no more of them than asked for", () => {
  const range = fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(range, fc.integer({ min: 2, max: 9 }), ([min, span], count) => {
      const max = min + span;
      const values = linearTicks(min, max, { count }).map(({ value }) => value);
      const slack = 1e-6 * span;
      expect(values.length).toBeLessThanOrEqual(count);
      for (const value of values) expect(value >= min - slack && value <= max + slack).toBe(true);
      const step = roundStep(span / (count - 1));
      expect(step).toBeGreaterThanOrEqual((span / (count - 1)) * (1 - 1e-6));
      expect(step).toBeLessThanOrEqual(2.5 * (span / (count - 1)));
      values.slice(1).forEach((value, i) => {
        expect(Math.abs(value - (values[i] as number) - step)).toBeLessThanOrEqual(1e-6 * step + 1e-9 * Math.abs(value));
      });
    }),
    { seed: 2 },
  );
});

test("the range of values passes over what cannot be shown", () => {
  expect(
    rangeOf([
      [Number.NaN, 3],
      [Number.POSITIVE_INFINITY, -2],
    ]),
  ).toEqual([-2, 3]);
  expect(rangeOf([[-1, 0, 5, 0.1]], { log: true })).toEqual([0.1, 5]);
  expect(rangeOf([[Number.NaN], []])).toBeUndefined();
});

test("a scale maps its range to 0..1, straight or by logarithm", () => {
  const straight = scaleOf({ label: "x" }, [10, 30], { ticks: 3 });
  expect([10, 15, 30].map(straight.at)).toEqual([0, 0.25, 1]);
  const padded = scaleOf({ label: "x" }, [10, 30], { ticks: 3, pad: 0.1 });
  expect([padded.min, padded.max]).toEqual([8, 32]);
  const log = scaleOf({ label: "x", scale: "log" }, [0.01, 100], { ticks: 5 });
  expect([0.01, 0.1, 1, 100].map((x) => Number(log.at(x).toFixed(12)))).toEqual([0, 0.25, 0.5, 1]);
});

test("padding does not go below zero where nothing is; a single value has room around it", () => {
  expect(scaleOf({ label: "x" }, [0.1, 10], { ticks: 3, pad: 0.1 }).min).toBe(0);
  expect(scaleOf({ label: "x" }, [-0.1, 10], { ticks: 3, pad: 0.1 }).min).toBeCloseTo(-1.11, 12);
  const single = (axis: object, value: number) => {
    const { min, max, at } = scaleOf({ label: "x", ...axis }, [value, value], { ticks: 3 });
    return [min, max, at(value)];
  };
  expect(single({}, 5)).toEqual([4.5, 5.5, 0.5]);
  expect(single({}, 0)).toEqual([0, 1, 0]);
  expect(single({ whole: true }, 1)).toEqual([0.5, 1.5, 0.5]);
  expect(single({ scale: "log" }, 8)).toEqual([4, 16, 0.5]);
});
