import { div, leaves, maximum, type Scalar, sqrt, square, sub, sum, type Tensor, type Tree } from "@twinview/core";

/** Below any norm of a weight matrix that is in use; keeps the ratio of one that starts at 0 finite. */
const least = 1e-12;

const normOf = (x: Tensor): Scalar => sqrt(sum(square(x)));

/**
 * How far an update moved each weight matrix, as a share of its length: `|after - before| / |before|` in the Euclidean norm, by
 * path. Near 1e-3 in runs that go well; near 1e-1 a few steps rewrite the layer. Vectors are left out: biases start at 0.
 */
export const updateRatios = (before: Tree<Tensor>, after: Tree<Tensor>): Readonly<Record<string, Scalar>> => {
  const moved = new Map(leaves(after));
  const matrices = leaves(before).filter(([, leaf]) => leaf.shape.length > 1);
  return Object.fromEntries(
    matrices.map(([path, leaf]) => [path, div(normOf(sub(moved.get(path) as Tensor, leaf)), maximum(normOf(leaf), least))]),
  );
};
