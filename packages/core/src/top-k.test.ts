import { drawn, operationChecks, rowOf } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import { constant, evaluate, type HostArray, ShapeError, type Tensor, topK, zeros } from "./index.ts";

const { numbersOf } = operationChecks<Tensor>(core);

describe("topK", () => {
  test.each([1, 3, 7])("gives the %i largest of each row in falling order, and their places", (k) => {
    const x = drawn([5, 7], { seed: 1 });
    const { values, indices } = evaluate(() => ({ ...topK(constant(Array.from(x.data), [5, 7]), k) })) as unknown as {
      readonly values: HostArray;
      readonly indices: HostArray;
    };
    expect(indices.dtype).toBe("int32");
    for (let row = 0; row < 5; row++) {
      const sorted = [...rowOf(x, row).entries()].sort((a, b) => b[1] - a[1]).slice(0, k);
      expect(rowOf(values, row)).toEqual(sorted.map(([, value]) => value));
      expect(rowOf(indices, row)).toEqual(sorted.map(([place]) => place));
    }
  });

  test("refuses a k that rows cannot give, and another rank", () => {
    const text = "topK: k is 4, expected between 1 and the row's length, 3";
    expect(() => numbersOf(() => topK(zeros([2, 3]), 4).values)).toThrow(new ShapeError(text));
    expect(() => numbersOf(() => topK(zeros([2, 3]), 0).values)).toThrow(new ShapeError(text.replace("k is 4", "k is 0")));
    expect(() => numbersOf(() => topK(zeros([3]), 1).values)).toThrow(new ShapeError("topK: x has shape [3], expected [any, any]"));
  });
});
