import { constant, zeros } from "./constant.ts";
import { ShapeError } from "./errors.ts";
import { sizeOf } from "./host.ts";
import { operation } from "./operation.ts";
import { spreadTo } from "./spread.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

/** Which axes to reduce (all of them when absent) and whether to keep them with length 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

const resolveAxes = (where: string, rank: number, axes: readonly number[] | undefined): number[] =>
  (axes ?? Array.from({ length: rank }, (_, axis) => axis)).map((axis) => {
    const resolved = axis < 0 ? axis + rank : axis;
    if (resolved < 0 || resolved >= rank) throw new ShapeError(`${where}: axis ${axis} is outside a tensor of rank ${rank}`);
    return resolved;
  });

const kept = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

/** Spreads a reduced gradient back over the reduced axes. */
const spread = (dy: Tensor, shape: readonly number[], axes: readonly number[]): Tensor => {
  const column = runKernel("Reshape", { x: dy }, { shape: kept(shape, axes) });
  return spreadTo(column, shape);
};

/** The sum over axes. */
export const sum = (x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor => {
  const reduced = resolveAxes("sum", x.shape.length, axes);
  return operation((input) => ({
    value: runKernel("Sum", { x: input }, { axis: reduced, keepDims }),
    keep: [],
    gradient: (dy) => [spread(dy, x.shape, reduced)],
  }))(x);
};

/** The mean over axes. */
export const mean = (x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor => {
  const reduced = resolveAxes("mean", x.shape.length, axes);
  const scale = 1 / sizeOf(reduced.map((axis) => x.shape[axis] as number));
  return operation((input) => ({
    value: runKernel("Mean", { x: input }, { axis: reduced, keepDims }),
    keep: [],
    gradient: (dy) => [spread(runKernel("Multiply", { a: dy, b: constant([scale], []) }), x.shape, reduced)],
  }))(x);
};

/** The largest element over axes. It is meant for what cancels out again, a shift before exp: its gradient is 0. */
export const max = (x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor => {
  const reduced = resolveAxes("max", x.shape.length, axes);
  return operation((input) => ({
    value: runKernel("Max", { x: input }, { reductionIndices: reduced, keepDims }),
    keep: [],
    gradient: () => [zeros(x.shape)],
  }))(x);
};
