import { expect, test } from "vitest";
import { attributes, textsOf } from "./charts.test.kit.ts";
import { embeddings } from "./embeddings.ts";
import { historyOf } from "./history.ts";
import type { MetricRecord } from "./metric-record.ts";

const step = (n: number): MetricRecord => ({
  kind: "step",
  step: n,
  epoch: n,
  loss: 1,
  hyper: {},
  gradientNorm: 1,
  gradientNorms: {},
  embeddingStd: n < 50 ? 0.7 : 0.2,
  monitors: { prototypeEntropy: 0.9 },
  imagesPerSecond: 1,
  waitShare: 0,
});
const steps = Array.from({ length: 100 }, (_, n) => step(n));
const collapse = (at: number, metric = "embeddingStd"): MetricRecord => ({
  kind: "collapse",
  step: at,
  since: at - 19,
  metric,
  value: 0.2,
  floor: 0.35,
});
const recovery: MetricRecord = { kind: "recovery", step: 89, since: 69, metric: "embeddingStd", value: 0.61 };

const shown = (...told: readonly MetricRecord[]): string => embeddings(historyOf([...steps, ...told])).markup;
const dots = (markup: string): readonly string[] => attributes(markup, "circle", "dot tone-2", "cx");

test("a collapse is a dot and a floor on the chart of its metric, and a sentence with its end", () => {
  const page = shown(collapse(69), recovery, collapse(95));
  expect(dots(page)).toHaveLength(2);
  expect(textsOf(page, "reference-name")).toEqual(["collapse below 0.35"]);
  expect(page).toContain("Collapse at step 70: embeddingStd is 0.2, below 0.35 since step 51. Images look alike to the encoder.");
  expect(page).toContain("The collapse of step 70 is over at step 90: embeddingStd is 0.61.");
  const spread = page.indexOf("Spread of the embeddings");
  const use = page.indexOf("Use of the prototypes");
  const marked = page.indexOf("dot tone-2");
  expect(spread < marked && marked < use).toBe(true);
});

test("a collapse of the use of prototypes is marked on their chart", () => {
  const page = shown(collapse(69, "prototypeEntropy"));
  expect(page.indexOf("dot tone-2")).toBeGreaterThan(page.indexOf("Use of the prototypes"));
  expect(dots(page)).toHaveLength(1);
});

test("a run that did not collapse has no marks and no sentence", () => {
  const page = shown();
  expect(dots(page)).toEqual([]);
  expect(textsOf(page, "reference-name")).toEqual([]);
  expect(page).not.toMatch(/collapse at|is over at/i);
});

test("a resumed run that went back over its collapse tells it once", () => {
  const page = shown(collapse(69), step(60), collapse(69));
  expect(dots(page)).toHaveLength(1);
  expect(page.match(/Collapse at step/g)).toHaveLength(1);
});
