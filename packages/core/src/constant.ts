import { ShapeError } from "./errors.ts";
import { sizeOf } from "./host.ts";
import type { Tensor } from "./tensor.ts";
import { fromTf, tf } from "./tfjs.ts";

/**
 * A tensor of given numbers. The array is not copied: do not write to it afterwards.
 * @throws ShapeError if the count of numbers does not fit the shape.
 */
export const constant = (values: Float32Array | readonly number[], shape: readonly number[]): Tensor => {
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(`constant: ${values.length} numbers do not fill shape [${shape.join(", ")}]`);
  }
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return fromTf(tf.engine().makeTensor(data, [...shape], "float32"));
};

/** A tensor filled with one number. */
export const full = (shape: readonly number[], value: number): Tensor => constant(new Float32Array(sizeOf(shape)).fill(value), shape);

/** A tensor of zeros. */
export const zeros = (shape: readonly number[]): Tensor => full(shape, 0);

/** A tensor of ones. */
export const ones = (shape: readonly number[]): Tensor => full(shape, 1);
