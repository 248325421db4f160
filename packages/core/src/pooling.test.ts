import { at, drawn, fromIndex, operationChecks, type Slow, slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import * as core from "./index.ts";
import { type MaxPoolOptions, maxPool } from "./pooling.ts";

const { checkOperation, gradientsOf } = operationChecks<core.Tensor>(core as never);

const slowMaxPool = (x: Slow, { size, stride, padding = 0 }: MaxPoolOptions): Slow => {
  const [channels, batch, rows, columns] = x.shape as [number, number, number, number];
  const out = (length: number): number => Math.floor((length + 2 * padding - size) / stride) + 1;
  return fromIndex([channels, batch, out(rows), out(columns)], (c, b, i, j) => {
    const seen: number[] = [];
    for (let row = stride * (i as number) - padding; row < stride * (i as number) - padding + size; row++)
      for (let column = stride * (j as number) - padding; column < stride * (j as number) - padding + size; column++)
        if (row >= 0 && row < rows && column >= 0 && column < columns) seen.push(at(x, c as number, b as number, row, column));
    return Math.max(...seen);
  });
};

describe("maxPool", () => {
  for (const options of [
    { size: 2, stride: 2 },
    { size: 3, stride: 2, padding: 1 },
    { size: 3, stride: 1, padding: 1 },
  ]) {
    it(`equals the slow twin and its finite differences: ${JSON.stringify(options)}`, () => {
      checkOperation({
        inputs: { x: drawn([2, 2, 6, 5], { seed: 1 }) },
        f: ({ x }) => maxPool(x, options),
        slow: ({ x }) => slowMaxPool(x, options),
      });
    });
  }

  it("sends the gradient to the first of equal numbers", () => {
    const x = slow([1, 5, 5, 0, 5, 2, 5, 5, 3], [1, 1, 3, 3]);
    const { x: found } = gradientsOf(
      ({ x }) => maxPool(x as core.Tensor, { size: 2, stride: 1 }),
      { x },
      slow([1, 10, 100, 1000], [1, 1, 2, 2]),
    );
    // windows: [1 5; 0 5], [5 5; 5 2], [0 5; 5 5], [5 2; 5 3]
    expect(Array.from(found.data)).toEqual([0, 11, 0, 0, 1100, 0, 0, 0, 0]);
  });

  it("refuses what does not fit", () => {
    const run = (shape: readonly number[], options: MaxPoolOptions) => core.evaluate(() => maxPool(core.zeros(shape), options));
    expect(() => run([2, 2, 4], { size: 2, stride: 2 })).toThrow("maxPool: x has shape [2, 2, 4], expected [any, any, any, any]");
    expect(() => run([2, 2, 4, 4], { size: 2, stride: 2, padding: 2 })).toThrow(
      "maxPool: padding is 2, expected at most half of the window, 2",
    );
    expect(() => run([2, 2, 4, 2], { size: 3, stride: 2 })).toThrow(
      "maxPool: a window of 3 does not fit into 2 rows or columns, padding included",
    );
  });
});
