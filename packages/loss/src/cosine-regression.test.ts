import * as core from "@twinview/core";
import { dot, drawn, expectClose, lengthOf, operationChecks, type Slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { cosineRegression } from "./cosine-regression.ts";
import { average, rowsOf, scalar } from "./slow-losses.test.kit.ts";

const { checkOperation, numbersOf } = operationChecks<core.Tensor>(core as never);

const slowRegression = (p: Slow, z: Slow): Slow => {
  const targets = rowsOf(z);
  return scalar(
    average(
      rowsOf(p).map((row, i) => {
        const target = targets[i] as number[];
        return 2 - (2 * dot(row, target)) / (lengthOf(row) * lengthOf(target));
      }),
    ),
  );
};

describe("cosineRegression", () => {
  it("equals 2 - 2 cos and its finite differences, for rows of any length", () => {
    checkOperation({
      inputs: { p: drawn([6, 5], { seed: 1, low: -3, high: 3 }), z: drawn([6, 5], { seed: 2, low: -0.1, high: 0.1 }) },
      f: ({ p, z }) => cosineRegression(p, z),
      slow: ({ p, z }) => slowRegression(p, z),
    });
  });

  it("is 0 for equal directions, 2 for orthogonal and 4 for opposite ones", () => {
    const p = core.constant([1, 2], [1, 2]);
    const loss = (z: readonly number[]) => numbersOf(() => cosineRegression(p, core.constant(z, [1, 2])));
    expectClose(loss([3, 6]), 0, { absolute: 1e-12 });
    expectClose(loss([-2, 1]), 2, { relative: 1e-6 });
    expectClose(loss([-1, -2]), 4, { relative: 1e-6 });
  });

  it("keeps its digits where 2 - 2 cos would lose them", () => {
    const angle = 1e-4; // 2 - 2 cos is angle^2, below float32's last digit of 2
    const loss = numbersOf(() =>
      cosineRegression(core.constant([1, 0], [1, 2]), core.constant([Math.cos(angle), Math.sin(angle)], [1, 2])),
    );
    expectClose(loss, angle * angle, { relative: 1e-3 });
  });

  it("refuses shapes that differ", () => {
    expect(() => cosineRegression(core.constant([1, 0], [1, 2]), core.constant([1, 0, 0], [1, 3]))).toThrow(
      "cosineRegression: z has shape [1, 3], expected [1, 2]",
    );
  });
});
