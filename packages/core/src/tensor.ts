/** An n-dimensional array inside a computation: only its shape and type can be read, never its values. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
}

/** A tensor of shape `[]`. */
export type Scalar = Tensor;
