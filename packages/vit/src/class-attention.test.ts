import { constant, evaluate, type HostArray, rngOf, type Tensor, type Tree } from "@twinview/core";
import { drawn, expectClose } from "@twinview/testkit";
import { expect, test } from "vitest";
import { block } from "./block.ts";
import { classAttention } from "./class-attention.ts";

const [batch, tokens, dim, heads] = [2, 5, 8, 2];
const options = { dim, heads, hidden: 16 };

test("the class token's attention equals loops over tokens and heads, and sums to 1", () => {
  const numbers = drawn([batch, tokens, dim], { seed: 3 });
  const found = evaluate(() => {
    const { params } = block(options).init(rngOf(2));
    const x = constant(Float32Array.from(numbers.data), numbers.shape);
    return { map: classAttention(options, params, x), w: params.attention.qkv.w, b: params.attention.qkv.b } as unknown as Tree<Tensor>;
  }) as unknown as Readonly<Record<"map" | "w" | "b", HostArray>>;
  const width = dim / heads;
  const expected: number[] = [];
  for (let n = 0; n < batch; n++) {
    const rows = Array.from({ length: tokens }, (_, t) => {
      const row = Array.from({ length: dim }, (__, i) => numbers.data[(n * tokens + t) * dim + i] as number);
      const mean = row.reduce((a, b) => a + b, 0) / dim;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / dim;
      return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-6)); // the norm starts with scale 1 and shift 0
    });
    const projected = (t: number, column: number): number =>
      (rows[t] ?? []).reduce((sum, x, i) => sum + x * (found.w.data[i * 3 * dim + column] as number), found.b.data[column] as number);
    for (let h = 0; h < heads; h++) {
      const scores = Array.from({ length: tokens }, (_, t) => {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += projected(0, h * width + i) * projected(t, dim + h * width + i);
        return Math.exp(sum / Math.sqrt(width));
      });
      const total = scores.reduce((a, b) => a + b, 0);
      expected.push(...scores.map((x) => x / total));
    }
  }
  expectClose(found.map, { shape: [batch, heads, tokens], data: expected }, { ofLargest: 1e-5 });
  expect(Array.from(found.map.data).reduce((a, b) => a + b, 0)).toBeCloseTo(batch * heads, 5);
});
