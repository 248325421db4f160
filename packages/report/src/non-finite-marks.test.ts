import { expect, test } from "vitest";
import { attributes } from "./charts.test.kit.ts";
import { curves } from "./curves.ts";
import { historyOf } from "./history.ts";
import type { MetricRecord, NonFiniteRecord } from "./metric-record.ts";
import { recordIn } from "./metrics-reader.ts";

const steps = [0, 1, 2, 4, 5].map(
  (step): MetricRecord => ({
    kind: "step",
    step,
    epoch: step,
    loss: 10 - step,
    hyper: {},
    gradientNorm: 1,
    gradientNorms: {},
    embeddingStd: 1,
    imagesPerSecond: 1,
    waitShare: 0,
  }),
);
const fault = (record: Partial<NonFiniteRecord>): NonFiniteRecord => ({ kind: "non-finite", step: 3, tensors: ["loss"], ...record });
const shown = (...told: readonly MetricRecord[]): string => curves(historyOf([...steps, ...told]), 20).markup;
const dots = (markup: string): readonly string[] => attributes(markup, "circle", "dot tone-2", "cx");

test("a step that was left out is a dot on the loss and a sentence", () => {
  const page = shown(fault({ action: "skip", tensors: ["loss", "a", "b", "c", "d"] }));
  expect(dots(page)).toHaveLength(1);
  expect(page).toContain("Step 4 was not finite: loss, a, b and 2 more. It was left out, with its batch.");
  expect(dots(shown())).toHaveLength(0);
  expect(shown()).not.toContain("not finite");
});

test("each return to the same checkpoint has its sentence, and names the step that was not finite", () => {
  const page = shown(fault({ action: "roll-back", from: 7 }), fault({ action: "roll-back", from: 4 }));
  expect(page).toContain("Step 8 was not finite: loss. Training went back to step 3 and on with later batches.");
  expect(page).toContain("Step 5 was not finite: loss. Training went back to step 3 and on with later batches.");
});

test("a record of an earlier version says that training stopped; a strange action is no record", () => {
  expect(shown(recordIn(JSON.stringify(fault({}))) as MetricRecord)).toContain("Step 4 was not finite: loss. Training stopped.");
  expect(recordIn(JSON.stringify({ ...fault({}), action: "sing" }))).toBeUndefined();
});
