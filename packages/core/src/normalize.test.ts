import {
  drawn,
  expectClose,
  fromIndex,
  operationChecks,
  rowOf,
  type Slow,
  slow,
  slowBatchNormalize,
  slowGelu,
  slowL2Normalize,
  slowLayerNorm,
  slowLogSumExpOf,
  slowSoftmax,
  slowTranspose,
} from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import {
  batchNormalize,
  columnMoments,
  constant,
  gelu,
  l2Normalize,
  layerNorm,
  logSumExp,
  ShapeError,
  softmax,
  type Tensor,
  zeros,
} from "./index.ts";

const { checkOperation, gradientsOf, numbersOf } = operationChecks<Tensor>(core);
const failing = (f: () => Tensor) => () => numbersOf(f);
const x = drawn([5, 6], { seed: 1, low: -2, high: 3 });

describe("layerNorm", () => {
  const [scale, shift] = [drawn([6], { seed: 2 }), drawn([6], { seed: 3 })];

  test.each([1e-6, 0.1])("epsilon %f", (epsilon) => {
    checkOperation({
      inputs: { x, scale, shift },
      f: ({ x, scale, shift }) => layerNorm(x, scale, shift, { epsilon }),
      slow: ({ x, scale, shift }) => slowLayerNorm(x, scale, shift, epsilon),
    });
  });

  test("refuses other shapes", () => {
    const call = (a: number[], b: number[], c: number[]) => failing(() => layerNorm(zeros(a), zeros(b), zeros(c), { epsilon: 1e-6 }));
    expect(call([2, 3, 4], [4], [4])).toThrow(new ShapeError("layerNorm: x has shape [2, 3, 4], expected [any, any]"));
    expect(call([3, 4], [3], [4])).toThrow(new ShapeError("layerNorm: scale has shape [3], expected [4]"));
    expect(call([3, 4], [4], [1, 4])).toThrow(new ShapeError("layerNorm: shift has shape [1, 4], expected [4]"));
  });
});

describe("batchNormalize", () => {
  test.each([1e-5, 0.1])("epsilon %f", (epsilon) => {
    checkOperation({ inputs: { x }, f: ({ x }) => batchNormalize(x, { epsilon }), slow: ({ x }) => slowBatchNormalize(x, epsilon) });
  });

  test("of a column without spread gives zeros, not infinities", () => {
    const flat = fromIndex([4, 2], (i = 0, j = 0) => (j === 0 ? 3 : i));
    const out = numbersOf(() => batchNormalize(constant(Array.from(flat.data), [4, 2]), { epsilon: 1e-5 }));
    expectClose(out, slowBatchNormalize(flat, 1e-5), { absolute: 1e-5 });
  });

  test("refuses another rank", () => {
    expect(failing(() => batchNormalize(zeros([2, 3, 4]), { epsilon: 1e-5 }))).toThrow(
      new ShapeError("batchNormalize: x has shape [2, 3, 4], expected [any, any]"),
    );
  });

  test("columnMoments gives means and biased variances", () => {
    const rows = Array.from({ length: 6 }, (_, j) => rowOf(slowTranspose(x), j));
    const means = rows.map((row) => row.reduce((a, b) => a + b, 0) / 5);
    const variances = rows.map((row, j) => row.reduce((total, value) => total + (value - (means[j] as number)) ** 2, 0) / 5);
    const tensor = (): Tensor => constant(Array.from(x.data), x.shape);
    expectClose(
      numbersOf(() => columnMoments(tensor()).mean),
      slow(means),
      { name: "mean", absolute: 1e-6 },
    );
    expectClose(
      numbersOf(() => columnMoments(tensor()).variance),
      slow(variances),
      { name: "variance", absolute: 2e-6 },
    );
  });
});

describe("l2Normalize", () => {
  test("gives rows of length 1", () => {
    checkOperation({ inputs: { x }, f: ({ x }) => l2Normalize(x), slow: ({ x }) => slowL2Normalize(x) });
  });

  test("leaves a row of zeros at zero, with a finite gradient", () => {
    const withZeros = slow([0, 0, 3, 4], [2, 2]);
    expectClose(
      numbersOf(() => l2Normalize(constant([0, 0, 3, 4], [2, 2]))),
      slow([0, 0, 0.6, 0.8], [2, 2]),
      { absolute: 1e-7 },
    );
    const { x: gradient } = gradientsOf(({ x }) => l2Normalize(x), { x: withZeros }, slow([1, 1, 1, 1], [2, 2]));
    expect(Array.from(gradient.data).every(Number.isFinite)).toBe(true);
  });

  test("refuses another rank", () => {
    expect(failing(() => l2Normalize(zeros([4])))).toThrow(new ShapeError("l2Normalize: x has shape [4], expected [any, any]"));
  });
});

describe("softmax and logSumExp", () => {
  const ragged = slow([1000, 1001, -1000, 0, 0, 0, -30, 30, 2], [3, 3]);
  const twin = (m: Slow): Slow => slow(Array.from({ length: m.shape[0] as number }, (_, i) => slowLogSumExpOf(rowOf(m, i))));

  test.each([
    { of: "usual numbers", m: x },
    { of: "large numbers", m: ragged },
  ])("of $of", ({ m }) => {
    checkOperation({ inputs: { m }, f: ({ m }) => softmax(m), slow: ({ m }) => slowSoftmax(m), gradient: { absolute: 1e-6 } });
    checkOperation({ inputs: { m }, f: ({ m }) => logSumExp(m), slow: ({ m }) => twin(m), gradient: { absolute: 1e-6 } });
  });

  test("softmax works along the last axis of any rank", () => {
    const cube = drawn([2, 3, 4], { seed: 4, low: -2, high: 2 });
    checkOperation({
      inputs: { cube },
      f: ({ cube }) => softmax(cube),
      slow: ({ cube }) => slow(slowSoftmax(slow(cube.data, [6, 4])).data, [2, 3, 4]),
    });
  });

  test("logSumExp refuses another rank", () => {
    expect(failing(() => logSumExp(zeros([2, 2, 2])))).toThrow(new ShapeError("logSumExp: x has shape [2, 2, 2], expected [any, any]"));
  });
});

test("gelu", () => {
  // the reference backend's erf is good to 1.5e-7, and half of x multiplies it
  const wide = slow(Array.from({ length: 41 }, (_, i) => (i - 20) / 4));
  checkOperation({
    inputs: { wide },
    f: ({ wide }) => gelu(wide),
    slow: ({ wide }) => slowGelu(wide),
    value: { absolute: 5e-7, relative: 5e-7 },
    gradient: { absolute: 1e-6 },
  });
});
