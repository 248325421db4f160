import { expect, test } from "vitest";
import { difference, type Trace } from "./small-run.ts";

const whole: Trace = { records: ["a", "b", "c"], weights: { online: "1", target: "2" } };

test("the first thing in which a run differs from the undisturbed one is named", () => {
  expect(difference(structuredClone(whole), whole)).toBeUndefined();
  expect(difference({ ...whole, records: ["a", "x", "c"] }, whole)).toBe("record 2 of metrics.jsonl differs");
  expect(difference({ ...whole, records: ["a", "b"] }, whole)).toBe("record 3 of metrics.jsonl differs");
  expect(difference({ ...whole, records: ["a", "b", "c", "c"] }, whole)).toBe("4 records, not 3");
  expect(difference({ ...whole, weights: { online: "1", target: "3" } }, whole)).toBe("target at the end differs");
  expect(difference({ ...whole, weights: { online: "1" } }, whole)).toBe("target at the end differs");
  expect(difference({ ...whole, weights: { ...whole.weights, queue: "4" } }, whole)).toBe("queue at the end differs");
});
