import type { Tree } from "./tree.ts";

/** Kinds of numbers that cross between host and engine. */
export type HostType = "float32" | "int32" | "uint8";

/** Numbers outside an engine: what checkpoints hold and engines load. `data` is in row-major order. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly dtype: HostType;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type HostTree = Tree<HostArray>;

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** A float32 host array. */
export const hostArray = (data: Float32Array | readonly number[], shape: readonly number[]): HostArray => ({
  shape,
  dtype: "float32",
  data: data instanceof Float32Array ? data : Float32Array.from(data),
});
