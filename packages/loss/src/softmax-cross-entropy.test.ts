import * as core from "@twinview/core";
import { drawn, expectClose, operationChecks, type Slow, slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { average, logSoftmax, rowsOf, scalar } from "./slow-losses.test.kit.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

const { checkOperation, numbersOf } = operationChecks<core.Tensor>(core as never);

const slowCrossEntropy = (logits: Slow, targets: Slow): Slow => {
  const wanted = rowsOf(targets);
  return scalar(
    average(
      rowsOf(logits).map((row, i) => -logSoftmax(row).reduce((sum, log, c) => sum + log * ((wanted[i] as number[])[c] as number), 0)),
    ),
  );
};

const soft = slow([0.7, 0.1, 0.1, 0.1, 0, 0, 1, 0, 0.25, 0.25, 0.25, 0.25], [3, 4]);
const targets = () => core.constant(Array.from(soft.data), soft.shape);

describe("softmaxCrossEntropy", () => {
  it("equals -sum t log softmax and its finite differences, for soft and hard targets", () => {
    checkOperation({
      inputs: { logits: drawn([3, 4], { seed: 1, low: -3, high: 3 }) },
      f: ({ logits }) => softmaxCrossEntropy(logits, targets()),
      slow: ({ logits }) => slowCrossEntropy(logits, soft),
    });
  });

  it("stays exact for logits of hundreds", () => {
    const logits = slow([500, 0, -500, 20, 300, 300, 300, 300, -400, -400, 400, 400], [3, 4]);
    checkOperation({
      inputs: { logits },
      f: (x) => softmaxCrossEntropy(x.logits, targets()),
      slow: (x) => slowCrossEntropy(x.logits, soft),
      gradient: false,
    });
  });

  it("is log C for equal logits and counts a row of zero targets as 0", () => {
    const equal = core.constant([3, 3, 3, 3, 3, 3], [2, 3]);
    const halfEmpty = core.constant([0, 1, 0, 0, 0, 0], [2, 3]);
    expectClose(
      numbersOf(() => softmaxCrossEntropy(equal, halfEmpty)),
      Math.log(3) / 2,
      { relative: 1e-6 },
    );
  });

  it("refuses shapes that differ", () => {
    expect(() => softmaxCrossEntropy(core.constant([1, 0], [1, 2]), core.constant([1, 0, 0], [1, 3]))).toThrow(
      "softmaxCrossEntropy: targets has shape [1, 3], expected [1, 2]",
    );
  });
});
