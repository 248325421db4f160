import { normals, rngOf } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { watch } from "./watch.ts";

const layers = ["encoder/patch/w", "encoder/blocks/block00/mlp/fc1/w", "heads/projector/fc1/w"];

/** A calm run in which some steps are spoilt: factors on norms by layer, or on the loss. */
const runOf = (steps: number, spoilt: Readonly<Record<number, Readonly<Record<string, number>>>> = {}) => {
  const next = normals(rngOf(1));
  return Array.from({ length: steps }, (_, step) => {
    const factor = (name: string): number => (spoilt[step]?.[name] ?? 1) * Math.exp(0.1 * next());
    return {
      step,
      loss: 4 * (spoilt[step]?.loss ?? 1) * Math.exp(0.005 * next()),
      embeddingStd: 0.7 * (spoilt[step]?.embeddingStd ?? 1),
      gradientNorms: Object.fromEntries(layers.map((layer) => [layer, factor(layer)])),
    };
  });
};

const knnCurve = (...accuracies: readonly number[]) => accuracies.map((accuracy, i) => ({ step: 50 * i, accuracy }));

describe("watch", () => {
  test("says nothing of a calm run", () => {
    const { step } = watch();
    for (const result of runOf(200))
      expect(step(result)).toEqual({ spikes: [], isNew: false, collapses: [], events: [], alert: undefined });
  });

  test("tells a spike that lasts as one event that goes on, names the layer that does most, and shows it for twenty steps", () => {
    const { step } = watch();
    const spike = { "encoder/patch/w": 30, "heads/projector/fc1/w": 6 };
    const found = runOf(160, { 100: spike, 101: spike, 103: { "encoder/patch/w": 8 }, 140: spike }).map((result) => step(result));
    const events = found.flatMap(({ events }) => events);
    expect(events.map((event) => event.kind === "spike" && [event.step, event.goesOn, event.layers])).toEqual([
      [100, false, 2],
      [101, true, 2],
      [103, true, 1],
      [140, false, 2],
    ]);
    expect(found.filter(({ isNew }) => isNew)).toHaveLength(2);
    expect(found[100]?.alert).toMatch(/^spike \d\d\.\dx patch\/w at 101$/);
    expect([99, 103, 123, 124].map((at) => found[at]?.alert !== undefined)).toEqual([false, true, true, false]);
  });

  test("sees a leap of the loss that is too small for a gradient", () => {
    const { step } = watch();
    const events = runOf(120, { 110: { loss: 1.5 } }).flatMap((result) => step(result).events);
    expect(events).toEqual([expect.objectContaining({ kind: "spike", step: 110, layer: "loss", layers: 1, goesOn: false })]);
  });

  test("takes up where an earlier part of the run was: the same findings as in one piece", () => {
    const run = runOf(160, { 100: { "encoder/patch/w": 30 }, 104: { "encoder/patch/w": 30 }, 130: { "encoder/patch/w": 30 } });
    const whole = watch();
    const expected = run.map((result) => whole.step(result)).slice(102);
    const records = run.slice(0, 102).map((result) => ({
      kind: "step" as const,
      ...result,
      epoch: 0,
      hyper: {},
      gradientNorm: 1,
      imagesPerSecond: 1,
      waitShare: 0,
    }));
    const resumed = watch(records);
    expect(run.slice(102).map((result) => resumed.step(result))).toEqual(expected);
  });

  test("puts a dip down to the strongest spike since the last good evaluation, and tells it once", () => {
    const { step, evaluation } = watch();
    for (const result of runOf(200, { 120: { "encoder/patch/w": 30 }, 170: { "encoder/patch/w": 60 } })) step(result);
    expect(evaluation(knnCurve(0.5, 0.6, 0.7), 1000)).toEqual([]);
    expect(evaluation(knnCurve(0.5, 0.6, 0.7, 0.6), 1000)).toEqual([
      {
        kind: "dip",
        step: 150,
        since: 100,
        from: 0.7,
        to: 0.6,
        spike: { step: 120, layer: "encoder/patch/w", ratio: expect.closeTo(30, -1) },
      },
    ]);
    expect(evaluation(knnCurve(0.5, 0.6, 0.7, 0.6, 0.61), 1000)).toEqual([]);
    expect(step({ ...(runOf(201).at(-1) as ReturnType<typeof runOf>[number]), step: 155 }).alert).toBe("kNN fell to 60.0 % at 150");
  });

  test("says so when no gradient spiked before a dip, and asks more of a dip when there are fewer queries", () => {
    const { evaluation } = watch();
    expect(evaluation(knnCurve(0.7, 0.67), 1000)).toEqual([{ kind: "dip", step: 50, since: 0, from: 0.7, to: 0.67, spike: null }]);
    expect(evaluation(knnCurve(0.7, 0.67), 100)).toEqual([]);
  });

  test("tells a collapse once and its end once, and shows it as long as it lasts, whatever else spikes", () => {
    const { step } = watch();
    const low = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [100 + i, { embeddingStd: 0.1 }]));
    const found = runOf(220, { ...low, 130: { embeddingStd: 0.1, "encoder/patch/w": 30 } }).map((result) => step(result));
    const told = found.flatMap(({ collapses }) => collapses);
    expect(told).toEqual([
      { kind: "collapse", step: 119, since: 100, metric: "embeddingStd", value: expect.closeTo(0.07, 9), floor: 0.45 },
      { kind: "recovery", step: 179, since: 119, metric: "embeddingStd", value: 0.7 },
    ]);
    expect(found.flatMap(({ events }) => events).filter(({ kind }) => kind !== "spike")).toEqual(told);
    expect([118, 119, 130, 178, 179].map((at) => found[at]?.alert)).toEqual([
      undefined,
      ...Array.from({ length: 3 }, () => "collapse: embeddingStd below 0.45 since 101"),
      undefined,
    ]);
  });

  test("takes a collapse up where an earlier part of the run was, and tells it no second time", () => {
    const low = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [20 + i, { embeddingStd: 0.1 }]));
    const run = runOf(120, low);
    const records = (steps: number) =>
      run
        .slice(0, steps)
        .map((r) => ({ kind: "step" as const, ...r, epoch: 0, hyper: {}, gradientNorm: 1, imagesPerSecond: 1, waitShare: 0 }));
    const told = (from: number): readonly number[] => {
      const { step } = watch(records(from));
      return run.slice(from).flatMap((result) => step(result).collapses.map((collapse) => collapse.step));
    };
    expect([0, 30, 39, 40, 80].map(told)).toEqual([[39], [39], [39], [], []]);
  });

  test("counts the use of prototypes where there are any, but not in batches of a few images", () => {
    const told = (batch: number): readonly string[] => {
      const { step } = watch([], { batch });
      return runOf(40).flatMap((result) => step({ ...result, monitors: { prototypeEntropy: 0.02 } }).collapses.map(({ metric }) => metric));
    };
    expect([told(64), told(8), told(4)]).toEqual([["prototypeEntropy"], ["prototypeEntropy"], []]);
  });
});
