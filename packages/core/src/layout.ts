import { ShapeError } from "./errors.ts";
import { sizeOf } from "./host.ts";
import { operation } from "./operation.ts";
import { spreadTo } from "./spread.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

/** The same numbers under another shape. @throws ShapeError if the counts differ. */
export const reshape = (x: Tensor, shape: readonly number[]): Tensor => {
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new ShapeError(`reshape: [${x.shape.join(", ")}] holds ${sizeOf(x.shape)} numbers, [${shape.join(", ")}] ${sizeOf(shape)}`);
  }
  return operation((input) => ({
    value: runKernel("Reshape", { x: input }, { shape: [...shape] }),
    keep: [],
    gradient: (dy) => [runKernel("Reshape", { x: dy }, { shape: [...x.shape] })],
  }))(x);
};

/** Axes in another order: axis `i` of the result is axis `order[i]` of `x`. */
export const transpose = (x: Tensor, order: readonly number[]): Tensor => {
  const sorted = [...order].sort((a, b) => a - b);
  if (order.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
    throw new ShapeError(`transpose: [${order.join(", ")}] is no order of the ${x.shape.length} axes of [${x.shape.join(", ")}]`);
  }
  return operation((input) => ({
    value: runKernel("Transpose", { x: input }, { perm: [...order] }),
    keep: [],
    gradient: (dy) => [runKernel("Transpose", { x: dy }, { perm: order.map((_, axis) => order.indexOf(axis)) })],
  }))(x);
};

/** The part `[start, start + length)` of one axis. */
export const slice = (
  x: Tensor,
  { axis, start, length }: { readonly axis: number; readonly start: number; readonly length: number },
): Tensor => {
  const total = x.shape[axis];
  if (total === undefined || start < 0 || start + length > total) {
    throw new ShapeError(`slice: [${start}, ${start + length}) is outside axis ${axis} of [${x.shape.join(", ")}]`);
  }
  const size = x.shape.map((whole, i) => (i === axis ? length : whole));
  return operation((input) => ({
    value: runKernel("Slice", { x: input }, { begin: x.shape.map((_, i) => (i === axis ? start : 0)), size }),
    keep: [],
    gradient: (dy) => {
      const paddings = x.shape.map((_, i) => (i === axis ? [start, total - start - length] : [0, 0]));
      return [runKernel("PadV2", { x: dy }, { paddings, constantValue: 0 })];
    },
  }))(x);
};

/** Tensors one after the other along an axis; all other axes must agree. */
export const concat = (parts: readonly Tensor[], axis: number): Tensor => {
  const [first] = parts;
  if (first === undefined) throw new ShapeError("concat: no tensors");
  for (const part of parts) {
    const fits = part.shape.length === first.shape.length && part.shape.every((length, i) => i === axis || length === first.shape[i]);
    if (!fits) throw new ShapeError(`concat: [${part.shape.join(", ")}] does not fit [${first.shape.join(", ")}] beside axis ${axis}`);
  }
  return operation((...inputs) => ({
    value: inputs.length === 1 ? runKernel("Identity", { x: inputs[0] as Tensor }) : runKernel("Concat", inputs, { axis }),
    keep: [],
    gradient: (dy) => {
      let start = 0;
      return parts.map((part) => {
        const begin = dy.shape.map((_, i) => (i === axis ? start : 0));
        start += part.shape[axis] as number;
        return runKernel("Slice", { x: dy }, { begin, size: [...part.shape] });
      });
    },
  }))(...parts);
};

/** Repeats axes of length 1 (and adds leading axes) up to `shape`. @throws ShapeError if another axis would have to change. */
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor => {
  const lead = shape.length - x.shape.length;
  const fits = lead >= 0 && x.shape.every((length, axis) => length === 1 || length === shape[axis + lead]);
  if (!fits) throw new ShapeError(`broadcastTo: [${x.shape.join(", ")}] does not spread to [${shape.join(", ")}]`);
  return operation((input) => ({
    value: spreadTo(input, shape),
    keep: [],
    gradient: (dy) => {
      const axes = shape.map((_, i) => i).filter((i) => i < lead || (x.shape[i - lead] === 1 && shape[i] !== 1));
      const summed = axes.length === 0 ? dy : runKernel("Sum", { x: dy }, { axis: axes, keepDims: false });
      return [runKernel("Reshape", { x: summed }, { shape: [...x.shape] })];
    },
  }))(x);
};
