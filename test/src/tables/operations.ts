import type { Tensor } from "@twinview/core";
import * as core from "@twinview/core";
import { drawn, fromIndex, type Numbers, slow } from "@twinview/testkit";

type Inputs = Readonly<Record<string, Tensor>>;

/** One use of an operation of the core. */
export interface OperationRow {
  readonly name: string;
  /** The export of @twinview/core that it is about. */
  readonly of: keyof typeof core;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly f: (inputs: Inputs) => Tensor;
  /** Whether engines are compared on its gradient too; not for operations that have none. */
  readonly gradient: boolean;
}

type Of = keyof typeof core;
type F<K extends string> = (inputs: { readonly [N in K]: Tensor }) => Tensor;

const row = <K extends string>(of: Of, detail: string, inputs: { readonly [N in K]: Numbers }, f: F<K>, gradient = true): OperationRow => ({
  name: detail === "" ? of : `${of}, ${detail}`,
  of,
  inputs,
  f: f as F<string>,
  gradient,
});

const a = drawn([3, 4], { seed: 1 });
const b = drawn([3, 4], { seed: 2 });
const vector = drawn([4], { seed: 3 });
const positive = drawn([3, 4], { seed: 4, low: 0.5, high: 2 });
const wide = drawn([5, 7], { seed: 5, low: -3, high: 3 });
const cube = drawn([2, 3, 4], { seed: 6 });
const apart = drawn([3, 4], { seed: 7, low: -2, high: 2, awayFromZero: 0.1 });
const odd = slow([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1e30, 2], [2, 3]);
const pictures = drawn([2, 3, 8, 7], { seed: 14 });
const big = slow([900, 901, -5, 0, 1, 2], [2, 3]);

/**
 * Every operation of the core, in the uses that differ on their way through an engine: add a row for a new one (a test compares
 * this list with the core's exports).
 */
export const operations: readonly OperationRow[] = [
  row("add", "", { a, b }, ({ a, b }) => core.add(a, b)),
  row("add", "a row to each row", { a, vector }, ({ a, vector }) => core.add(a, vector)),
  row("add", "a number", { a }, ({ a }) => core.add(a, 0.5)),
  row("sub", "", { a, b }, ({ a, b }) => core.sub(a, b)),
  row("sub", "from a number", { a }, ({ a }) => core.sub(1, a)),
  row("mul", "", { a, b }, ({ a, b }) => core.mul(a, b)),
  row("mul", "by a column", { a, column: drawn([3, 1], { seed: 8 }) }, ({ a, column }) => core.mul(a, column)),
  row("div", "", { a, positive }, ({ a, positive }) => core.div(a, positive)),
  row("div", "of a number", { positive }, ({ positive }) => core.div(2, positive)),
  row("maximum", "", { a, b }, ({ a, b }) => core.maximum(a, b)),
  row("neg", "", { a }, ({ a }) => core.neg(a)),
  row("exp", "", { a }, ({ a }) => core.exp(a)),
  row("log", "", { positive }, ({ positive }) => core.log(positive)),
  row("sqrt", "", { positive }, ({ positive }) => core.sqrt(positive)),
  row("square", "", { a }, ({ a }) => core.square(a)),
  row("abs", "", { apart }, ({ apart }) => core.abs(apart)),
  row("relu", "", { apart }, ({ apart }) => core.relu(apart)),
  row("erf", "", { apart }, ({ apart }) => core.erf(apart)),
  row("gelu", "", { wide }, ({ wide }) => core.gelu(wide)),
  row("finiteMask", "", { odd }, ({ odd }) => core.finiteMask(odd)),
  row("where", "", { apart, a, b }, ({ apart, a, b }) => core.where(apart, a, b)),
  row("stopGradient", "", { a }, ({ a }) => core.mul(a, core.stopGradient(a))),
  row("sum", "all", { a }, ({ a }) => core.sum(a)),
  row("sum", "rows, kept", { a }, ({ a }) => core.sum(a, { axes: [1], keepDims: true })),
  row("sum", "outer axes", { cube }, ({ cube }) => core.sum(cube, { axes: [0, 2] })),
  row("mean", "all", { a }, ({ a }) => core.mean(a)),
  row("mean", "middle axis", { cube }, ({ cube }) => core.mean(cube, { axes: [-2] })),
  row("max", "rows", { a }, ({ a }) => core.max(a, { axes: [1] })),
  row("reshape", "", { a }, ({ a }) => core.reshape(a, [2, 6])),
  row("transpose", "", { cube }, ({ cube }) => core.transpose(cube, [2, 0, 1])),
  row("transpose", "twice", { cube }, ({ cube }) => core.transpose(core.transpose(cube, [1, 0, 2]), [1, 0, 2])),
  row("slice", "", { cube }, ({ cube }) => core.slice(cube, { axis: 1, start: 1, length: 2 })),
  row("concat", "", { a, b }, ({ a, b }) => core.concat([a, b, a], 1)),
  row("broadcastTo", "", { vector }, ({ vector }) => core.broadcastTo(vector, [2, 3, 4])),
  row("matMul", "", { a, b }, ({ a, b }) => core.matMul(a, b, { transposeB: true })),
  row("matMul", "scaled, transposed, batched", { cube }, ({ cube }) => core.matMul(cube, cube, { transposeA: true, alpha: 0.5 })),
  row("matMul", "batched", { cube, right: drawn([2, 4, 3], { seed: 9 }) }, ({ cube, right }) => core.matMul(cube, right)),
  row("linear", "", { a, w: drawn([4, 5], { seed: 10 }), b: drawn([5], { seed: 11 }) }, ({ a, w, b }) => core.linear(a, w, b)),
  row("linear", "without bias", { a, w: drawn([4, 5], { seed: 10 }) }, ({ a, w }) => core.linear(a, w)),
  row("sumRows", "", { a }, ({ a }) => core.sumRows(a), false),
  row("columnMoments", "mean", { a }, ({ a }) => core.columnMoments(a).mean, false),
  row("columnMoments", "variance", { a }, ({ a }) => core.columnMoments(a).variance, false),
  row("batchNormalize", "", { wide }, ({ wide }) => core.batchNormalize(wide, { epsilon: 1e-5 })),
  row("layerNorm", "", { a, scale: vector, shift: drawn([4], { seed: 12 }) }, ({ a, scale, shift }) =>
    core.layerNorm(a, scale, shift, { epsilon: 1e-6 }),
  ),
  ...(
    [
      ["one pixel", 1, 1, 0],
      ["one pixel, stride 2", 1, 2, 0],
      ["3 x 3", 3, 1, 1],
      ["3 x 3, stride 2", 3, 2, 1],
      ["4 x 4, stride 3: pixels that nothing sees", 4, 3, 0],
      ["2 x 2, stride 2, padding as wide", 2, 2, 2],
      ["7 x 7, stride 2", 7, 2, 3],
    ] as const
  ).map(([detail, kernel, stride, padding]) =>
    row("convolution", detail, { pictures, w: drawn([3, 2, kernel, kernel], { seed: 15 }) }, ({ pictures, w }) =>
      core.convolution(pictures, w, { stride, padding }),
    ),
  ),
  row("maxPool", "", { pictures }, ({ pictures }) => core.maxPool(pictures, { size: 2, stride: 2 })),
  row("maxPool", "windows that overlap", { pictures }, ({ pictures }) => core.maxPool(pictures, { size: 3, stride: 2, padding: 1 })),
  row(
    "maxPool",
    "equal numbers",
    { flat: fromIndex([1, 2, 5, 5], (_, b, i, j) => ((b as number) + (i as number) * (j as number)) % 3) },
    ({ flat }) => core.maxPool(flat, { size: 3, stride: 2, padding: 1 }),
  ),
  row("rowMoments", "mean", { wide }, ({ wide }) => core.rowMoments(wide).mean, false),
  row("rowMoments", "variance", { wide }, ({ wide }) => core.rowMoments(wide).variance, false),
  row("normalizeChannels", "", { a, scale: drawn([3], { seed: 16 }), shift: drawn([3], { seed: 17 }) }, ({ a, scale, shift }) =>
    core.normalizeChannels(a, scale, shift, { epsilon: 1e-5 }),
  ),
  row("l2Normalize", "", { a }, ({ a }) => core.l2Normalize(a)),
  row("l2Normalize", "a row of zeros", { zeros: slow([0, 0, 0, 3, 0, 4], [2, 3]) }, ({ zeros }) => core.l2Normalize(zeros), false),
  row("softmax", "", { wide }, ({ wide }) => core.softmax(wide)),
  row("softmax", "large numbers", { big }, ({ big }) => core.softmax(big)),
  row("logSumExp", "", { wide }, ({ wide }) => core.logSumExp(wide)),
  row("logSumExp", "large numbers", { big }, ({ big }) => core.logSumExp(big)),
  row("attention", "", { qkv: drawn([2, 5, 12], { seed: 13, low: -2, high: 2 }) }, ({ qkv }) => core.attention(qkv, { heads: 2 })),
  row("topK", "values", { wide }, ({ wide }) => core.topK(wide, 3).values, false),
  row("topK", "indices", { wide }, ({ wide }) => core.topK(wide, 3).indices, false),
  row("constant", "", { a }, ({ a }) => core.add(a, core.constant([1, 2, 3, 4], [4]))),
  row("full", "", { a }, ({ a }) => core.mul(a, core.full([4], 3))),
  row("zeros", "", { a }, ({ a }) => core.add(a, core.zeros([3, 4]))),
  row("ones", "", { a }, ({ a }) => core.mul(a, core.ones([3, 4]))),
];

/** Exports of the core that compute nothing an engine would see. */
export const notOperations: readonly (keyof typeof core)[] = [
  "broadcastShape",
  "checkOption",
  "checkShape",
  "evaluate",
  "fold",
  "hostArray",
  "isLeaf",
  "leaves",
  "mapTree",
  "normals",
  "overlay",
  "permutation",
  "pick",
  "rebuild",
  "rngOf",
  "scope",
  "ShapeError",
  "sizeOf",
  "split",
  "tfModule",
  "threefry",
  "toTensors",
  "uniforms",
  "valueAndGradient",
];
