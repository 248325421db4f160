// Slow twins: the textbook formulas in float64, element by element or row by row, sharing nothing with the library's own code.
import { at, fromIndex, fromRows, rowOf, type Slow, slow } from "./numbers.ts";

const sumOf = (length: number, f: (i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < length; i++) total += f(i);
  return total;
};

/** The error function by the series `2 / sqrt(pi) e^(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!`, whose terms never cancel. */
export const slowErf = (x: number): number => {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
};

/** `x Phi(x)`, Phi the normal distribution function. */
export const slowGelu = (x: Slow): Slow =>
  slow(
    x.data.map((v) => v * 0.5 * (1 + slowErf(v / Math.SQRT2))),
    x.shape,
  );

/** Any function of each number. */
export const slowMap = (x: Slow, f: (value: number) => number): Slow => slow(x.data.map(f), x.shape);

/** A function of two arrays of one shape, or of a shape and one that repeats along its axes of length 1 and its missing ones. */
export const slowBroadcast = (shape: readonly number[], a: Slow, b: Slow, f: (a: number, b: number) => number): Slow =>
  fromIndex(shape, (...index) => f(at(a, ...index), at(b, ...index)));

/** `A B` of two matrices. */
export const slowMatMul = (a: Slow, b: Slow): Slow =>
  fromIndex([a.shape[0] as number, b.shape[1] as number], (i = 0, j = 0) => sumOf(a.shape[1] as number, (k) => at(a, i, k) * at(b, k, j)));

/** The transpose of a matrix. */
export const slowTranspose = (x: Slow): Slow => fromIndex([x.shape[1] as number, x.shape[0] as number], (i = 0, j = 0) => at(x, j, i));

/** `x W + b` of rows. */
export const slowLinear = (x: Slow, w: Slow, b?: Slow): Slow => {
  const product = slowMatMul(x, w);
  return b === undefined ? product : slowBroadcast(product.shape, product, b, (p, q) => p + q);
};

/** The rows of a matrix, each through a function. */
export const slowRows = (x: Slow, f: (row: number[]) => readonly number[]): Slow =>
  fromRows(Array.from({ length: x.shape[0] as number }, (_, i) => f(rowOf(x, i))));

/** `e^x / sum e^x` of one list, by its definition: the largest number is taken out first. */
export const slowSoftmaxOf = (row: readonly number[]): number[] => {
  const top = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
};

/** The softmax of each row. */
export const slowSoftmax = (x: Slow): Slow => slowRows(x, slowSoftmaxOf);

/** `log sum e^x` of one list. */
export const slowLogSumExpOf = (row: readonly number[]): number => {
  const top = Math.max(...row);
  return top + Math.log(row.reduce((total, value) => total + Math.exp(value - top), 0));
};

const momentsOf = (values: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length };
};

/** Layer normalisation of rows with scale and shift. */
export const slowLayerNorm = (x: Slow, scale: Slow, shift: Slow, epsilon: number): Slow =>
  slowRows(x, (row) => {
    const { mean, variance } = momentsOf(row);
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * at(scale, i) + at(shift, i));
  });

/** Each column by its own mean and biased variance. */
export const slowBatchNormalize = (x: Slow, epsilon: number): Slow =>
  slowTranspose(
    slowRows(slowTranspose(x), (column) => {
      const { mean, variance } = momentsOf(column);
      return column.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
    }),
  );

/** Each row at unit length. */
export const slowL2Normalize = (x: Slow, epsilon = 1e-12): Slow =>
  slowRows(x, (row) => {
    const length = Math.max(Math.hypot(...row), epsilon);
    return row.map((value) => value / length);
  });

/** Multi-head self-attention of `qkv [B, T, 3 D]`, one query at a time; result `[B, T, D]`. */
export const slowAttention = (qkv: Slow, heads: number): Slow => {
  const [batch, tokens, columns] = qkv.shape as readonly [number, number, number];
  const dim = columns / 3;
  const width = dim / heads;
  return fromIndex([batch, tokens, dim], (b = 0, t = 0, d = 0) => {
    const head = Math.floor(d / width);
    const part = (token: number, third: number, i: number): number => at(qkv, b, token, third * dim + head * width + i);
    const scores = Array.from({ length: tokens }, (_, key) => sumOf(width, (i) => part(t, 0, i) * part(key, 1, i)) / Math.sqrt(width));
    return slowSoftmaxOf(scores).reduce((total, weight, key) => total + weight * part(key, 2, d % width), 0);
  });
};

/** `2 tau` times the cross-entropy of `q k^T / tau` against the diagonal, the mean over queries. */
export const slowInfoNce = (q: Slow, k: Slow, tau: number): number => {
  const rows = q.shape[0] as number;
  const logits = slowMatMul(q, slowTranspose(k));
  const losses = Array.from({ length: rows }, (_, i) => -Math.log(slowSoftmaxOf(rowOf(logits, i).map((x) => x / tau))[i] as number));
  return (2 * tau * losses.reduce((a, b) => a + b, 0)) / rows;
};
