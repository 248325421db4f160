import { describe, expect, test } from "vitest";
import { type Spike, spikeLags } from "./index.ts";

const spikes = (layer: string, steps: readonly number[]): readonly Spike[] => steps.map((step) => ({ step, layer, ratio: 5, z: 9 }));
const ends = { first: "patch", last: "fc2" } as const;

describe("spikeLags", () => {
  test("counts the steps from each spike of the first layer to the nearest one of the last", () => {
    const seen = [...spikes("patch", [100, 300, 500]), ...spikes("fc2", [130, 290, 900]), ...spikes("other", [101])];
    expect(spikeLags(seen, ends)).toEqual({ lags: [30, -10], onlyFirst: 1, onlyLast: 1 });
  });

  test("takes the first step of a spike that lasts", () => {
    const seen = [...spikes("patch", [100, 101, 102, 107]), ...spikes("fc2", [110, 111])];
    expect(spikeLags(seen, ends)).toEqual({ lags: [10], onlyFirst: 0, onlyLast: 0 });
  });

  test("pairs each spike once, the nearest first", () => {
    const seen = [...spikes("patch", [100, 120]), ...spikes("fc2", [125])];
    expect(spikeLags(seen, ends)).toEqual({ lags: [5], onlyFirst: 1, onlyLast: 0 });
  });

  test("has nothing to say about what lies too far apart, and about no spikes at all", () => {
    expect(spikeLags([...spikes("patch", [10]), ...spikes("fc2", [90])], ends)).toEqual({ lags: [], onlyFirst: 1, onlyLast: 1 });
    expect(spikeLags([], ends)).toEqual({ lags: [], onlyFirst: 0, onlyLast: 0 });
  });
});
