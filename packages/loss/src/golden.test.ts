import { readFileSync } from "node:fs";
import { constant, evaluate, type HostArray, type Tensor, valueAndGradient } from "@twinview/core";
import { expectClose, lengthOf, type Numbers } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { cosineRegression } from "./cosine-regression.ts";
import { ntXent } from "./nt-xent.ts";
import { sinkhorn } from "./sinkhorn.ts";
import { swappedPrediction } from "./swapped-prediction.ts";

interface LossCase {
  readonly inputs: readonly Numbers[];
  readonly loss: number;
  readonly gradients: readonly Numbers[];
}

interface Golden {
  readonly ntXent: readonly (LossCase & { readonly tau: number })[];
  readonly cosineRegression: readonly LossCase[];
  readonly sinkhorn: readonly {
    readonly epsilon: number;
    readonly iterations: number;
    readonly scores: Numbers;
    readonly codes: Numbers;
  }[];
  readonly swappedPrediction: readonly (LossCase & { readonly tau: number; readonly codes: readonly Numbers[] })[];
}

// written by golden/losses.py: float64, equal to lightly's losses where it has the same
const golden = JSON.parse(readFileSync(new URL("../golden/losses.json", import.meta.url), "utf8")) as Golden;
const tensor = ({ data, shape }: Numbers): Tensor => constant(Array.from(data), shape);

const checkLoss = ({ inputs, loss, gradients }: LossCase, f: (inputs: readonly Tensor[]) => Tensor): void => {
  const found = evaluate(() => {
    const named = Object.fromEntries(inputs.map((input, i) => [`x${i}`, tensor(input)]));
    const { value, gradients: by } = valueAndGradient((x: typeof named) => ({ value: f(Object.values(x)), aux: null }), named);
    return { value, by };
  }) as { readonly value: HostArray; readonly by: Readonly<Record<string, HostArray>> };
  expectClose(found.value.data[0] as number, loss, { name: "loss", relative: 1e-5 });
  for (const [i, expected] of gradients.entries()) {
    const gradient = (found.by[`x${i}`] as HostArray).data;
    const gap = lengthOf(Array.from(gradient, (x, j) => x - (expected.data[j] as number)));
    expect(gap, `gradient ${i}`).toBeLessThanOrEqual(1e-4 * lengthOf(expected.data));
  }
};

describe("losses against PyTorch in float64", () => {
  for (const row of golden.ntXent) {
    it(`ntXent, ${row.inputs.length} views, tau ${row.tau}`, () => checkLoss(row, (views) => ntXent(views, row.tau)));
  }

  for (const row of golden.cosineRegression) {
    it("cosineRegression", () => checkLoss(row, ([p, z]) => cosineRegression(p as Tensor, z as Tensor)));
  }

  for (const row of golden.swappedPrediction) {
    it(`swappedPrediction, ${row.inputs.length} crops`, () =>
      checkLoss(row, (scores) => swappedPrediction({ scores, codes: row.codes.map(tensor), tau: row.tau })));
  }

  for (const { epsilon, iterations, scores, codes } of golden.sinkhorn) {
    it(`sinkhorn, epsilon ${epsilon}, ${iterations} iterations`, () => {
      const { found } = evaluate(() => ({ found: sinkhorn(tensor(scores), { epsilon, iterations }) })) as { readonly found: HostArray };
      // a float32 score of 1 is known to 6e-8: divided by epsilon, that is the error of the exponent
      expectClose({ shape: found.shape, data: found.data }, codes, { absolute: 2e-6 + 6e-8 / epsilon });
    });
  }
});
