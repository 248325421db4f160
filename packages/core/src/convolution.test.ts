import { at, drawn, fromIndex, operationChecks, type Slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { type ConvolutionOptions, convolution } from "./convolution.ts";
import * as core from "./index.ts";

const { checkOperation } = operationChecks<core.Tensor>(core as never);

/** By the definition, place by place. */
const slowConvolution = (x: Slow, w: Slow, { stride = 1, padding = 0 }: ConvolutionOptions): Slow => {
  const [channels, batch, rows, columns] = x.shape as [number, number, number, number];
  const [filters, , kernel] = w.shape as [number, number, number];
  const out = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return fromIndex([filters, batch, out(rows), out(columns)], (o, b, i, j) => {
    let total = 0;
    for (let c = 0; c < channels; c++) {
      for (let r = 0; r < kernel; r++) {
        for (let s = 0; s < kernel; s++) {
          const [row, column] = [stride * (i as number) + r - padding, stride * (j as number) + s - padding];
          const inside = row >= 0 && row < rows && column >= 0 && column < columns;
          if (inside) total += at(w, o as number, c, r, s) * at(x, c, b as number, row, column);
        }
      }
    }
    return total;
  });
};

const cases = [
  { name: "one pixel", size: [3, 4], kernel: 1, stride: 1, padding: 0 },
  { name: "one pixel, stride 2", size: [6, 5], kernel: 1, stride: 2, padding: 0 },
  { name: "3 x 3 of a ResNet block", size: [4, 5], kernel: 3, stride: 1, padding: 1 },
  { name: "3 x 3 with stride 2, even and odd sides", size: [6, 5], kernel: 3, stride: 2, padding: 1 },
  { name: "7 x 7 with stride 2 of a stem", size: [8, 8], kernel: 7, stride: 2, padding: 3 },
  { name: "2 x 2 with stride 3 and no padding: pixels that nothing sees", size: [8, 7], kernel: 2, stride: 3, padding: 0 },
  { name: "padding as wide as the kernel", size: [3, 3], kernel: 2, stride: 2, padding: 2 },
] as const;

describe("convolution", () => {
  for (const { name, size, kernel, stride, padding } of cases) {
    it(`equals the slow twin and its finite differences: ${name}`, () => {
      checkOperation({
        inputs: { x: drawn([2, 2, ...size], { seed: 1 }), w: drawn([3, 2, kernel, kernel], { seed: 2 }) },
        f: ({ x, w }) => convolution(x, w, { stride, padding }),
        slow: ({ x, w }) => slowConvolution(x, w, { stride, padding }),
      });
    });
  }

  it("refuses what does not fit", () => {
    const run = (x: readonly number[], w: readonly number[], options?: ConvolutionOptions) =>
      core.evaluate(() => convolution(core.zeros(x), core.zeros(w), options));
    expect(() => run([3, 2, 8, 8], [4, 2, 3, 3])).toThrow(
      "convolution: x [3, 2, 8, 8], w [4, 2, 3, 3]; expected x [C, B, H, W], w [O, C, K, K]",
    );
    expect(() => run([3, 2, 8, 8], [4, 3, 3, 2])).toThrow("expected x [C, B, H, W], w [O, C, K, K]");
    expect(() => run([3, 2, 4, 2], [4, 3, 5, 5], { padding: 1 })).toThrow(
      "convolution: a kernel of 5 does not fit into 4 rows or columns, padding included",
    );
    expect(() => run([3, 2, 8, 8], [4, 3, 3, 3], { stride: 0 })).toThrow("convolution: stride is 0, expected a whole number of at least 1");
    expect(() => run([3, 2, 8, 8], [4, 3, 3, 3], { padding: 0.5 })).toThrow(
      "convolution: padding is 0.5, expected a whole number of at least 0",
    );
  });
});
