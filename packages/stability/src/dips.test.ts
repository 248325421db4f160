import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CurvePoint, dipDepth, dipsOf, type Spike, spikeBefore } from "./index.ts";

fc.configureGlobal({ seed: 1 });

const curve = (...accuracies: readonly number[]): readonly CurvePoint[] => accuracies.map((accuracy, i) => ({ step: 10 * i, accuracy }));

describe("dipsOf", () => {
  test("gives each stretch below the best so far as one dip: since when, from where, how low, and when it was over", () => {
    expect(dipsOf(curve(0.5, 0.6, 0.55, 0.52, 0.61, 0.58, 0.7), { depth: 0.02 })).toEqual([
      { since: 10, step: 20, recovered: 40, from: 0.6, lowest: 0.52 },
      { since: 40, step: 50, recovered: 60, from: 0.61, lowest: 0.58 },
    ]);
  });

  test("leaves a dip open that the curve does not come back from", () => {
    expect(dipsOf(curve(0.5, 0.6, 0.5), { depth: 0.02 })).toEqual([{ since: 10, step: 20, recovered: null, from: 0.6, lowest: 0.5 }]);
  });

  test("passes over what lies within the depth, and over curves of no or one point", () => {
    expect(dipsOf(curve(0.5, 0.6, 0.59, 0.6), { depth: 0.02 })).toEqual([]);
    expect(dipsOf([], { depth: 0.02 })).toEqual([]);
    expect(dipsOf(curve(0.5), { depth: 0.02 })).toEqual([]);
  });

  test("finds none in a curve that never falls; each dip lies deeper than the depth and after its start", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1 }), (values) => {
        const rising = [...values].sort((a, b) => a - b);
        expect(dipsOf(curve(...rising.map((x) => x / 100)), { depth: 0.02 })).toEqual([]);
        for (const dip of dipsOf(curve(...values.map((x) => x / 100)), { depth: 0.02 })) {
          expect(dip.from - dip.lowest).toBeGreaterThan(0.02);
          expect(dip.step).toBeGreaterThan(dip.since);
          if (dip.recovered !== null) expect(dip.recovered).toBeGreaterThan(dip.step);
        }
      }),
    );
  });
});

test("dipDepth shrinks with the root of the number of queries, down to half a point", () => {
  expect(dipDepth(1000)).toBeCloseTo(0.02, 10);
  expect(dipDepth(4000)).toBeCloseTo(0.01, 10);
  expect(dipDepth(1e6)).toBe(0.005);
});

test("spikeBefore is the strongest spike between the last good evaluation and the first low one", () => {
  const spike = (step: number, z: number): Spike => ({ step, layer: "patch", ratio: 3, z });
  const spikes = [spike(8, 99), spike(12, 9), spike(15, 20), spike(19, 10), spike(20, 99)];
  expect(spikeBefore({ since: 10, step: 20 }, spikes)).toEqual(spike(15, 20));
  expect(spikeBefore({ since: 30, step: 40 }, spikes)).toBeUndefined();
});
