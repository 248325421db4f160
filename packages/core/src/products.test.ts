import {
  at,
  drawn,
  fromIndex,
  operationChecks,
  type Slow,
  slow,
  slowAttention,
  slowLinear,
  slowMatMul,
  slowTranspose,
} from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import { attention, linear, matMul, ShapeError, sumRows, type Tensor, zeros } from "./index.ts";

const { checkOperation, numbersOf } = operationChecks<Tensor>(core);
const failing = (f: () => Tensor) => () => numbersOf(f);

describe("matMul", () => {
  const flags = [
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ];

  test.each(flags)("A transposed $transposeA, B transposed $transposeB", ({ transposeA, transposeB }) => {
    const turned = (x: Slow, turn: boolean): Slow => (turn ? slowTranspose(x) : x);
    checkOperation({
      inputs: {
        a: drawn(transposeA ? [4, 3] : [3, 4], { seed: 1 }),
        b: drawn(transposeB ? [5, 4] : [4, 5], { seed: 2 }),
      },
      f: ({ a, b }) => matMul(a, b, { transposeA, transposeB, alpha: 0.5 }),
      slow: ({ a, b }) => {
        const product = slowMatMul(turned(a, transposeA), turned(b, transposeB));
        return slow(
          product.data.map((x) => x / 2),
          product.shape,
        );
      },
    });
  });

  test.each(flags)("of batches: A transposed $transposeA, B transposed $transposeB", ({ transposeA, transposeB }) => {
    checkOperation({
      inputs: {
        a: drawn(transposeA ? [2, 2, 3, 4] : [2, 2, 4, 3], { seed: 3 }),
        b: drawn(transposeB ? [2, 2, 2, 3] : [2, 2, 3, 2], { seed: 4 }),
      },
      f: ({ a, b }) => matMul(a, b, { transposeA, transposeB }),
      slow: ({ a, b }) =>
        fromIndex([2, 2, 4, 2], (n = 0, m = 0, i = 0, j = 0) => {
          const left = (k: number): number => (transposeA ? at(a, n, m, k, i) : at(a, n, m, i, k));
          const right = (k: number): number => (transposeB ? at(b, n, m, j, k) : at(b, n, m, k, j));
          return left(0) * right(0) + left(1) * right(1) + left(2) * right(2);
        }),
    });
  });

  test("refuses axes that do not meet, and says how they were turned", () => {
    expect(failing(() => matMul(zeros([2, 3]), zeros([2, 3])))).toThrow(new ShapeError("matMul: [2, 3] and [2, 3] do not multiply"));
    expect(failing(() => matMul(zeros([2, 3]), zeros([3, 2]), { transposeA: true, transposeB: true }))).not.toThrow();
    expect(failing(() => matMul(zeros([2, 3]), zeros([3, 2]), { transposeB: true }))).toThrow(
      new ShapeError("matMul: [2, 3] and [3, 2] do not multiply (B transposed)"),
    );
    expect(failing(() => matMul(zeros([4, 3]), zeros([3, 2]), { transposeA: true }))).toThrow(
      new ShapeError("matMul: [4, 3] and [3, 2] do not multiply (A transposed)"),
    );
    expect(failing(() => matMul(zeros([4, 2, 3]), zeros([5, 3, 2])))).toThrow(
      new ShapeError("matMul: [4, 2, 3] and [5, 3, 2] do not multiply"),
    );
    expect(failing(() => matMul(zeros([3]), zeros([3])))).toThrow(new ShapeError("matMul: [3] and [3] do not multiply"));
  });
});

describe("linear", () => {
  const [x, w, b] = [drawn([5, 4], { seed: 5 }), drawn([4, 3], { seed: 6 }), drawn([3], { seed: 7 })];

  test("with a bias", () => {
    checkOperation({ inputs: { x, w, b }, f: ({ x, w, b }) => linear(x, w, b), slow: ({ x, w, b }) => slowLinear(x, w, b) });
  });

  test("without one", () => {
    checkOperation({ inputs: { x, w }, f: ({ x, w }) => linear(x, w), slow: ({ x, w }) => slowLinear(x, w) });
  });

  test("refuses shapes that do not fit, and shows them all", () => {
    const wanted = "expected x [N, I], w [I, O], b [O]";
    expect(failing(() => linear(zeros([5, 4]), zeros([3, 4])))).toThrow(new ShapeError(`linear: x [5, 4], w [3, 4]; ${wanted}`));
    expect(failing(() => linear(zeros([5, 4]), zeros([4, 3]), zeros([4])))).toThrow(
      new ShapeError(`linear: x [5, 4], w [4, 3], b [4]; ${wanted}`),
    );
    expect(failing(() => linear(zeros([2, 5, 4]), zeros([4, 3])))).toThrow(new ShapeError(`linear: x [2, 5, 4], w [4, 3]; ${wanted}`));
  });

  test("sumRows adds up the rows", () => {
    checkOperation({
      inputs: { x },
      f: ({ x }) => sumRows(x),
      slow: ({ x }) => fromIndex([4], (j = 0) => [0, 1, 2, 3, 4].reduce((total, i) => total + at(x, i, j), 0)),
      gradient: false,
    });
  });
});

describe("attention", () => {
  test.each([
    { heads: 1, shape: [1, 3, 6] },
    { heads: 2, shape: [2, 4, 12] },
    { heads: 3, shape: [2, 2, 9] },
    { heads: 2, shape: [1, 1, 12] },
  ])("of $heads heads on $shape", ({ heads, shape }) => {
    checkOperation({
      inputs: { qkv: drawn(shape, { seed: 8, low: -2, high: 2 }) },
      f: ({ qkv }) => attention(qkv, { heads }),
      slow: ({ qkv }) => slowAttention(qkv, heads),
    });
  });

  test("refuses a width that heads do not divide, and another rank", () => {
    expect(failing(() => attention(zeros([1, 2, 10]), { heads: 2 }))).toThrow(
      new ShapeError("attention: width of qkv is 10, expected a multiple of 3 x 2 heads"),
    );
    expect(failing(() => attention(zeros([2, 12]), { heads: 2 }))).toThrow(
      new ShapeError("attention: qkv has shape [2, 12], expected [any, any, any]"),
    );
  });
});
