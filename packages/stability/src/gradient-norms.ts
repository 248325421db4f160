import { leaves, type Scalar, sqrt, square, sum, type Tensor, type Tree } from "@twinview/core";

/** The Euclidean norm of each leaf of a gradient tree, by path: the per-layer monitor of the paper's section 4. */
export const gradientNorms = (gradients: Tree<Tensor>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(leaves(gradients).map(([path, leaf]) => [path, sqrt(sum(square(leaf)))]));
