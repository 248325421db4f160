import { expect, test } from "vitest";
import { attributes, textsOf } from "./charts.test.kit.ts";
import { heatGrid } from "./heat-grid.ts";
import { heatmap } from "./heatmap.ts";
import { historyOf } from "./history.ts";
import { knnBelow } from "./knn-below.ts";
import { someOf } from "./layer-scales.ts";
import type { MetricRecord } from "./metric-record.ts";

const steps = Array.from({ length: 40 }, (_, i) => i + 1);
const knn = (step: number, top1: number): MetricRecord => ({ kind: "knn", step, epoch: step, encoder: "online", top1: { "20": top1 } });
const dip: MetricRecord = { kind: "dip", step: 30, since: 20, from: 0.8, to: 0.7, spike: { step: 24, layer: "patch/w", ratio: 9.13 } };

test("the curve below a map has the map's x axis: equal texts at equal places", () => {
  const { columns, values } = heatGrid(steps, [steps.map((step) => step / 40)]);
  const map = heatmap({
    rows: [{ name: "w", group: "patch" }],
    columns,
    values,
    x: { label: "step", whole: true, include: [0] },
    valueLabel: "norm",
    label: "",
  });
  const below = knnBelow(historyOf([knn(9, 0.6), knn(19, 0.8), knn(29, 0.7), knn(39, 0.81)]), 20, columns)?.markup ?? "";
  const ticks = (markup: string) => attributes(markup, "text", "x-tick", "x").map((x, i) => [x, textsOf(markup, "x-tick")[i]]);
  const own = ticks(map.markup.slice(map.markup.indexOf('class="chart heatmap"')));
  expect(own.length).toBeGreaterThan(2);
  expect(ticks(below)).toEqual(ticks(map.markup).slice(-own.length));
});

test("dips are marked and told with the spike before them", () => {
  const history = historyOf([knn(9, 0.6), knn(19, 0.8), dip, knn(29, 0.7), knn(39, 0.81)]);
  const below = knnBelow(history, 20, steps)?.markup ?? "";
  expect(attributes(below, "circle", "dot tone-2", "cx")).toHaveLength(1);
  expect(below).toContain("Step 20 to 30: from 80.0 % to 70.0 %; the gradient of patch/w spiked 9.13× at step 25.");
  const calm =
    knnBelow({ ...history, dips: [{ ...(dip as never as (typeof history.dips)[number]), spike: null }] }, 20, steps)?.markup ?? "";
  expect(calm).toContain("no gradient spiked in between");
});

test("without labels there is no curve", () => {
  expect(knnBelow(historyOf([]), 20, steps)).toBeUndefined();
});

test("a few layers stand for all: the ends, and others evenly between them", () => {
  expect(someOf(["a", "b", "c"])).toEqual(["a", "b", "c"]);
  expect(someOf(Array.from({ length: 11 }, (_, i) => String(i)))).toEqual(["0", "2", "4", "6", "8", "10"]);
  expect(someOf(["a"])).toEqual(["a"]);
  expect(someOf([])).toEqual([]);
});
