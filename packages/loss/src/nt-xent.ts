import {
  checkOption,
  checkShape,
  concat,
  logSumExp,
  matMul,
  mean,
  mul,
  reshape,
  type Scalar,
  slice,
  sub,
  sum,
  type Tensor,
} from "@twinview/core";

/**
 * A square matrix without its diagonal: `[N, N]` to `[N, N - 1]`, row by row. Without its first number and cut into rows of N + 1,
 * the matrix has its diagonal in the last column.
 */
const withoutDiagonal = (x: Tensor): Tensor => {
  const n = x.shape[0] as number;
  const rest = slice(reshape(x, [n * n]), { axis: 0, start: 1, length: n * n - 1 });
  const rows = slice(reshape(rest, [n - 1, n + 1]), { axis: 1, start: 0, length: n });
  return reshape(rows, [n, n - 1]);
};

/**
 * NT-Xent, the contrastive loss of SimCLR, over V views of B images:
 *
 *     L = mean_i( log sum_{k != i} exp(z_i z_k / tau) - mean_p z_i z_p / tau )
 *
 * i runs over all V B embeddings, p over the V - 1 other views of the same image, k over everything but i itself. With two views
 * it is the published loss, averaged over its 2 B anchors; with more, the positives are averaged outside the logarithm.
 * Shapes: each view `[B, D]`, rows of unit length, row b of every view from image b.
 * @throws ShapeError if there are fewer than two views, or their shapes differ.
 * @see Chen et al., SimCLR, arXiv 2002.05709, equation 1; Khosla et al., arXiv 2004.11362, equation 2, for several positives.
 */
export const ntXent = (views: readonly Tensor[], tau: number): Scalar => {
  checkOption("ntXent", "views.length", views.length, views.length >= 2, "at least two views");
  checkOption("ntXent", "tau", tau, tau > 0, "a temperature above 0");
  const shape = views[0]?.shape as readonly number[];
  checkShape("ntXent", "views[0]", shape, [null, null]);
  for (const [i, view] of views.entries()) checkShape("ntXent", `views[${i}]`, view.shape, shape);
  const z = concat(views, 0); // [V B, D]
  const anchors = z.shape[0] as number;
  const others = logSumExp(withoutDiagonal(matMul(z, z, { transposeB: true, alpha: 1 / tau }))); // [V B]
  const pairs = views.flatMap((a, i) => views.slice(i + 1).map((b) => sum(mul(a, b), { axes: [1], keepDims: true }))); // V (V - 1) / 2 times [B, 1]
  // each pair is a positive of both its anchors, and one of the V - 1 positives of each
  const positives = mul(sum(concat(pairs, 1)), 2 / (anchors * (views.length - 1) * tau));
  return sub(mean(others), positives);
};
