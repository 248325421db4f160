import * as core from "@twinview/core";
import { evaluate, type HostArray, leaves, rngOf, slice, type Tensor, type Tree } from "@twinview/core";
import { drawn, expectClose, type Numbers, operationChecks, type Slow, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { type BlockParams, block, patchProjection, patchRows } from "./index.ts";
import { nested, slowBlock, slowPatches } from "./slow-vit.test.kit.ts";
import { tokenBlock } from "./token-block.ts";

const { checkOperation, gradientsOf, numbersOf, tensors } = operationChecks<Tensor>(core);
const ctx = { train: true, hyper: {} };
const options = { dim: 6, heads: 2, hidden: 9 };

/** Random parameters of a block, biases too. */
const params: Readonly<Record<string, Slow>> = Object.fromEntries(
  leaves<HostArray>(evaluate(() => block(options).init(rngOf(1)).params as unknown as Tree<Tensor>)).map(([path, { shape }], i) => [
    path,
    drawn(shape, { seed: 20 + i, low: -0.7, high: 0.7 }),
  ]),
);
const x = drawn([2, 3, 6], { seed: 1, low: -1.5, high: 1.5 });

describe("block", () => {
  test("equals its slow twin, value and gradients", () => {
    checkOperation<string>({
      inputs: { x, ...params } as Readonly<Record<string, Numbers>>,
      f: ({ x, ...rest }) =>
        block(options).apply({ params: nested<BlockParams>(rest as Readonly<Record<string, Tensor>>), state: null }, x as Tensor, ctx).out,
      slow: ({ x, ...rest }) => slowBlock(x as Slow, rest as Readonly<Record<string, Slow>>, 2),
      value: { ofLargest: 5e-6 },
      gradient: { ofLargest: 1e-5, absolute: 2e-6 },
    });
  });

  test("has the paths that checkpoints and masks name", () => {
    expect(Object.keys(params)).toEqual([
      "norm1/scale",
      "norm1/shift",
      "attention/qkv/w",
      "attention/qkv/b",
      "attention/out/w",
      "attention/out/b",
      "norm2/scale",
      "norm2/shift",
      "mlp/fc1/w",
      "mlp/fc1/b",
      "mlp/fc2/w",
      "mlp/fc2/b",
    ]);
  });
});

describe("tokenBlock", () => {
  const inputs = { x, ...params } as Readonly<Record<string, Numbers>>;
  const short = ({ x: tokens, ...rest }: Readonly<Record<string, Tensor>>): Tensor =>
    tokenBlock(options, nested<BlockParams>(rest), tokens as Tensor, ctx);
  const long = ({ x: tokens, ...rest }: Readonly<Record<string, Tensor>>): Tensor => {
    const all = block(options).apply({ params: nested<BlockParams>(rest), state: null }, tokens as Tensor, ctx).out;
    return core.reshape(slice(all, { axis: 1, start: 0, length: 1 }), [2, 6]);
  };

  test("equals the whole block at the first token", () => {
    expectClose(
      numbersOf(() => short(tensors(inputs))),
      numbersOf(() => long(tensors(inputs))),
      { ofLargest: 2e-6 },
    );
  });

  test("has the whole block's gradients, and none for the bias of keys, which softmax drops", () => {
    const weights = drawn([2, 6], { seed: 2 });
    const [found, expected] = [gradientsOf(short, inputs, weights), gradientsOf(long, inputs, weights)];
    for (const path of Object.keys(inputs)) {
      // the whole block's gradient of the keys' bias is rounding noise around 0
      expectClose(found[path] as Numbers, expected[path] as Numbers, { name: path, ofLargest: 5e-6, absolute: 1e-6 });
    }
    expect(Array.from((found["attention/qkv/b"] as Numbers).data).slice(6, 12)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("patches", () => {
  const images = drawn([2, 6, 6, 3], { seed: 3 });

  test("are read row by row, and within one by row, column, channel", () => {
    const numbered = slow(
      Float64Array.from({ length: 4 * 4 * 3 }, (_, i) => i),
      [1, 4, 4, 3],
    );
    const rows = numbersOf(() => patchRows(core.constant(Array.from(numbered.data), numbered.shape), 2));
    expect(rows.shape).toEqual([4, 12]);
    expect(Array.from(rows.data).slice(0, 12)).toEqual([0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]);
    expect(Array.from(rows.data).slice(12, 24)).toEqual([6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23]);
    expect(Array.from(rows.data).slice(24, 27)).toEqual([24, 25, 26]);
  });

  test("are projected as by a convolution of kernel and stride patch", () => {
    const [w, b] = [drawn([27, 5], { seed: 4 }), drawn([5], { seed: 5 })];
    const project = patchProjection({ patch: 3, dim: 5 });
    checkOperation({
      inputs: { images, w, b },
      f: ({ images, w, b }) => project.apply({ params: { w, b }, state: null }, images, ctx).out,
      slow: ({ images, w, b }) => slow(slowPatches(images, w, b, 3).data, [8, 5]),
    });
  });

  test("have weights that start Xavier-uniform over the patch's pixels", () => {
    const { w, b } = evaluate(() => ({ ...patchProjection({ patch: 4, dim: 96 }).init(rngOf(1)).params })) as unknown as {
      w: HostArray;
      b: HostArray;
    };
    const bound = Math.sqrt(6 / (48 + 96));
    expect(Math.max(...w.data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.max(...w.data.map(Math.abs))).toBeGreaterThan(0.99 * bound);
    expect(b.data).toEqual(new Float32Array(96));
  });
});
