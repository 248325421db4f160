import { at, drawn, expectClose, fromIndex, operationChecks, rowOf, type Slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import * as core from "./index.ts";
import { normalizeChannels, rowMoments } from "./normalize-channels.ts";

const { checkOperation, numbersOf, tensors } = operationChecks<core.Tensor>(core as never);

const momentsOf = (row: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  return { mean, variance: row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length };
};

const slowNormalize = (x: Slow, scale: Slow, shift: Slow, epsilon: number): Slow =>
  fromIndex(x.shape, (c, i) => {
    const { mean, variance } = momentsOf(rowOf(x, c as number));
    const normal = (at(x, c as number, i as number) - mean) / Math.sqrt(variance + epsilon);
    return normal * at(scale, c as number) + at(shift, c as number);
  });

const inputs = {
  x: drawn([3, 10], { seed: 1, low: -1, high: 3 }),
  scale: drawn([3], { seed: 2, low: 0.5, high: 1.5 }),
  shift: drawn([3], { seed: 3 }),
};

describe("normalizeChannels", () => {
  for (const epsilon of [1e-5, 0.5]) {
    it(`equals the slow twin and its finite differences, epsilon ${epsilon}`, () => {
      checkOperation({
        inputs,
        f: ({ x, scale, shift }) => normalizeChannels(x, scale, shift, { epsilon }),
        slow: ({ x, scale, shift }) => slowNormalize(x, scale, shift, epsilon),
      });
    });
  }

  it("keeps the variance of numbers far from 0", () => {
    const far = drawn([2, 40], { seed: 4, low: 4096, high: 4097 });
    const { variance } = momentsOf(rowOf(far, 1));
    expectClose(numbersOf(() => rowMoments(tensors({ x: far }).x).variance).data[1] as number, variance, { relative: 1e-3 });
  });

  it("gives the moments of the rows", () => {
    const rows = [0, 1, 2].map((c) => momentsOf(rowOf(inputs.x, c)));
    const found = (what: "mean" | "variance") => numbersOf(() => rowMoments(tensors(inputs).x)[what]);
    for (const what of ["mean", "variance"] as const)
      expectClose(
        found(what),
        rows.map((row) => row[what]),
        { relative: 1e-6 },
      );
  });

  it("refuses what does not fit", () => {
    const run = (x: readonly number[], scale: number, shift: number) =>
      core.evaluate(() => normalizeChannels(core.zeros(x), core.zeros([scale]), core.zeros([shift]), { epsilon: 1e-5 }));
    expect(() => run([2, 3, 4], 2, 2)).toThrow("normalizeChannels: x has shape [2, 3, 4], expected [any, any]");
    expect(() => run([2, 3], 3, 2)).toThrow("normalizeChannels: scale has shape [3], expected [2]");
    expect(() => run([2, 3], 2, 1)).toThrow("normalizeChannels: shift has shape [1], expected [2]");
  });
});
