import { expect, test } from "vitest";
import { historyOf } from "./history.ts";
import type { KnnRecord, MetricRecord, StepRecord } from "./metric-record.ts";

const step = (n: number, loss: number, norms: Readonly<Record<string, number>>): StepRecord => ({
  kind: "step",
  step: n,
  epoch: n,
  loss,
  ...(n === 1 ? { monitors: { rank: 7 } } : {}),
  hyper: n > 1 ? { lr: n, momentum: 1 } : { lr: n },
  gradientNorm: 0,
  gradientNorms: norms,
  embeddingStd: 0,
  imagesPerSecond: 0,
  waitShare: 0,
});
const knn = (n: number, encoder: "online" | "target", top1: number): KnnRecord => ({
  kind: "knn",
  step: n,
  epoch: n,
  encoder,
  top1: { "20": top1 },
});

test("records become columns; what a step lacks is NaN", () => {
  const { steps, columns, hyper, monitors, layers } = historyOf([step(0, 5, { a: 1 }), step(1, 4, { a: 2, b: 3 }), step(2, 3, { b: 4 })]);
  expect(steps).toEqual([1, 2, 3]);
  expect(columns.loss).toEqual([5, 4, 3]);
  expect([...hyper]).toEqual([
    ["lr", [0, 1, 2]],
    ["momentum", [Number.NaN, Number.NaN, 1]],
  ]);
  expect([...monitors]).toEqual([["rank", [Number.NaN, 7, Number.NaN]]]);
  expect([...layers]).toEqual([
    ["a", [1, 2, Number.NaN]],
    ["b", [Number.NaN, 3, 4]],
  ]);
});

test("of steps that a run went back over, the last record counts", () => {
  const records: readonly MetricRecord[] = [
    { kind: "baseline", raw: null, random: { "20": 0.1 } },
    step(0, 5, {}),
    step(1, 4, {}),
    knn(1, "online", 0.4),
    knn(1, "target", 0.5),
    { kind: "spike", step: 1, layer: "a", ratio: 4 },
    step(2, 3, {}),
    knn(2, "online", 0.6),
    { kind: "baseline", raw: null, random: { "20": 0.2 } },
    step(1, 40, {}),
    { kind: "spike", step: 1, layer: "a", ratio: 5 },
    { kind: "spike", step: 1, layer: "b", ratio: 6 },
    knn(1, "online", 0.7),
  ];
  const { steps, columns, knn: curve, baseline, spikes } = historyOf(records);
  expect(steps).toEqual([1, 2]);
  expect(columns.loss).toEqual([5, 40]);
  expect(curve).toEqual([knn(1, "online", 0.7), knn(1, "target", 0.5)]);
  expect(baseline?.random).toEqual({ "20": 0.2 });
  expect(spikes.map(({ layer, ratio }) => [layer, ratio])).toEqual([
    ["a", 5],
    ["b", 6],
  ]);
});
