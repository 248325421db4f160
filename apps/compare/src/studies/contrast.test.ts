import { expect, test } from "vitest";
import { better, contrast, equal, more } from "./claims.ts";
import { contrastOf } from "./contrast.ts";
import { fallsOf, type MeasuredCell, spikeEventsOf } from "./measured-cell.ts";
import { firstLeadsLast, firstMoreThanLast } from "./spike-order.ts";
import { accuracy, dent, roughness, spikes } from "./statistics.ts";
import { measuredAs } from "./synthetic-cells.test.kit.ts";

test("a contrast is the weighted sum of means; its error comes from the pooled deviation between seeds", () => {
  const measured = [...measuredAs({ a: { knn: 70 } }, { scatter: 1 }), ...measuredAs({ b: { knn: 68 } }, { scatter: 2 })];
  const { value, error } = contrastOf(measured, accuracy, { a: 1, b: -1 });
  expect(value).toBeCloseTo(0.02, 12);
  // deviations .01 and .02 of three seeds each: pooled sqrt((.01^2 + .02^2) / 2), times sqrt(1/3 + 1/3)
  expect(error).toBeCloseTo(Math.sqrt((0.01 ** 2 + 0.02 ** 2) / 2) * Math.sqrt(2 / 3), 12);
});

test("seeds that agree too well are not believed: the deviation is at least the statistic's", () => {
  const { error } = contrastOf(measuredAs({ a: { knn: 70 }, b: { knn: 68 } }, { scatter: 0 }), accuracy, { a: 1, b: -1 });
  expect(error).toBeCloseTo(0.002 * Math.sqrt(2 / 3), 12);
});

test("one seed has no error, and every claim about it is unclear", () => {
  const measured = measuredAs({ a: { knn: 90 }, b: { knn: 10 } }, { seeds: 1 });
  expect(contrastOf(measured, accuracy, { a: 1, b: -1 }).error).toBeUndefined();
  expect(better("a", "b").judge(measured)).toEqual({ verdict: "unclear", measured: "+80.0 (one seed) points" });
  expect(equal("a", "b", 0.01).judge(measured).verdict).toBe("unclear");
});

test("a name that is no setting is a mistake in the study, told with the names there are", () => {
  expect(() => better("a", "c").judge(measuredAs({ a: { knn: 1 }, b: { knn: 1 } }))).toThrow('no setting "c" among a, b');
});

test.each([
  ["yes", 71, 70, 0.1],
  ["no", 70, 71, 0.1],
  ["no", 70, 70, 0.1], // no effect, and half a point is excluded
  ["unclear", 71, 70, 1],
  ["unclear", 70.4, 70, 0.3], // neither zero nor half a point is excluded
] as const)("better is %s for %f over %f with seeds %f apart", (verdict, a, b, scatter) => {
  expect(better("a", "b").judge(measuredAs({ a: { knn: a }, b: { knn: b } }, { scatter })).verdict).toBe(verdict);
});

test.each([
  ["yes", 70.5, 0.1],
  ["no", 73, 0.1],
  ["unclear", 71.4, 0.3],
] as const)("equal to a point and a half is %s for %f against 70", (verdict, a, scatter) => {
  expect(equal("a", "b", 0.015).judge(measuredAs({ a: { knn: a }, b: { knn: 70 } }, { scatter })).verdict).toBe(verdict);
});

test("the roughness of a curve is the sum of its falls", () => {
  const [setting] = measuredAs({ a: { knn: 70, falls: 4 } }, { seeds: 1 });
  expect(setting?.cells.map(fallsOf)[0]).toBeCloseTo(0.04, 12);
  const rough = measuredAs({ a: { knn: 70, falls: 8 }, b: { knn: 70, falls: 2 } });
  expect(more(roughness, "a", "b").judge(rough)).toMatchObject({
    verdict: "yes",
    measured: expect.stringMatching(/^\+6\.0 ± 0\.\d points$/),
  });
});

test("spikes of layers at most five steps apart are one event", () => {
  const [setting] = measuredAs({ a: { knn: 70, first: [10, 12, 40], last: [14, 90] } }, { seeds: 1 });
  expect(setting?.cells.map(spikeEventsOf)).toEqual([3]);
  expect(more(spikes, "a", "b").judge(measuredAs({ a: { knn: 70, first: [10, 50, 90] }, b: { knn: 70 } })).verdict).toBe("yes");
});

test.each([
  [
    "yes",
    { first: [50], last: [70] },
    "3 pairs, the first layer ahead in 3, median lag 20 steps; 0 leaps of the first layer alone, 0 of the last",
  ],
  [
    "no",
    { first: [70], last: [50] },
    "3 pairs, the first layer ahead in 0, median lag -20 steps; 0 leaps of the first layer alone, 0 of the last",
  ],
  ["no", { first: [70] }, "no pairs; 3 leaps of the first layer alone, 0 of the last"],
  ["unclear", {}, "no pairs; 0 leaps of the first layer alone, 0 of the last"],
] as const)("the order of leaps in three runs is told: %s", (verdict, leaps, measured) => {
  expect(firstLeadsLast("a").judge(measuredAs({ a: { knn: 70, ...leaps } }))).toEqual({ verdict, measured });
});

test("two pairs of leaps are too few to tell", () => {
  const measured = measuredAs({ a: { knn: 70, first: [50], last: [70] } }, { seeds: 2 });
  expect(firstLeadsLast("a").judge(measured).verdict).toBe("unclear");
});

test("how much oftener the first layer leaps than the last counts the leaps of each that the other does not follow", () => {
  const [setting] = measuredAs({ a: { knn: 70, first: [50, 150, 280], last: [60] } }, { seeds: 1 });
  expect(setting?.cells.map(firstMoreThanLast.of)).toEqual([2]);
});

test("a dent is how much less the curve rises over an interval with a spike than over its neighbours; none to tell without spikes", () => {
  const [made] = measuredAs({ a: { knn: 70, first: [150] } }, { seeds: 1 });
  const cell = made?.cells[0] as MeasuredCell;
  // evaluations every 50 steps; the fall from .64 to .6 lies between steps 150 and 200
  const curve = { epoch: [0, 1, 2, 3, 4, 5, 6], knn: [0.5, 0.6, 0.62, 0.64, 0.6, 0.66, 0.7] };
  const [before, fall, after, last] = [0.02, -0.04, 0.06, 0.04];
  const calm = [(0.02 + fall) / 2 - before, (fall + last) / 2 - after];
  expect(dent.of({ ...cell, curve })).toBeCloseTo((before + after) / 2 - fall - ((calm[0] as number) + (calm[1] as number)) / 2, 12);
  expect(contrast(dent, "a: above 0", { a: 1 }).judge(measuredAs({ a: { knn: 70 } }))).toEqual({
    verdict: "unclear",
    measured: "no number in some run",
  });
});
