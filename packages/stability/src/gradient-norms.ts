import { add, leaves, type Scalar, sqrt, square, sum, type Tensor, type Tree } from "@twinview/core";

/** The Euclidean norm of each leaf of a gradient tree, by path: the per-layer monitor of the paper's section 4. */
export const gradientNorms = (gradients: Tree<Tensor>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(leaves(gradients).map(([path, leaf]) => [path, sqrt(sum(square(leaf)))]));

/** The Euclidean norm of a whole gradient tree: not finite as soon as one of its numbers is not. */
export const wholeGradientNorm = (gradients: Tree<Tensor>): Scalar =>
  sqrt(
    leaves(gradients)
      .map(([, leaf]) => sum(square(leaf)))
      .reduce((total, one) => add(total, one)),
  );
