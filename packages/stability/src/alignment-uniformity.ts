import { checkShape, exp, l2Normalize, log, matMul, maximum, mean, mul, type Scalar, square, sub, sum, type Tensor } from "@twinview/core";

/**
 * How far two views of the same images lie apart: `mean_b |a_b - b_b|^2` of unit-length embeddings, 0 to 4; 2 for embeddings that
 * know nothing of each other. Shapes: `a [B, D]`, `b [B, D]`.
 * @throws ShapeError if the shapes differ.
 * @see Wang and Isola, arXiv 2005.10242, equation for L_align with exponent 2.
 */
export const alignment = (a: Tensor, b: Tensor): Scalar => {
  checkShape("alignment", "a", a.shape, [null, null]);
  checkShape("alignment", "b", b.shape, a.shape);
  return mean(sum(square(sub(l2Normalize(a), l2Normalize(b))), { axes: [1] }));
};

/**
 * How evenly unit-length embeddings cover the sphere: `log mean_{i < j} exp(-2 |z_i - z_j|^2)`; 0 when all are one point, near -4
 * when they are spread out. Shapes: `z [B, D]`.
 * @see Wang and Isola, arXiv 2005.10242, equation for L_uniform with t 2.
 */
export const uniformity = (z: Tensor): Scalar => {
  checkShape("uniformity", "z", z.shape, [null, null]);
  const rows = z.shape[0] as number;
  const unit = l2Normalize(z);
  const near = exp(sub(matMul(unit, unit, { transposeB: true, alpha: 4 }), 4)); // exp(-2 (2 - 2 cos)), [B, B]
  const pairs = sub(sum(near), rows); // each row is at distance 0 from itself
  return log(maximum(mul(pairs, 1 / (rows * Math.max(1, rows - 1))), 1e-30)); // a batch of one has no pairs
};
