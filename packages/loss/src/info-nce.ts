import { checkShape, logSumExp, matMul, mean, mul, type Scalar, sub, sum, type Tensor } from "@twinview/core";

/**
 * The contrastive loss of queries against keys, scaled as in MoCo v3:
 *
 *     L = 2 tau * mean_i( log sum_j exp(q_i k_j / tau) - q_i k_i / tau )
 *
 * Shapes: `q [B, D]`, `k [B, D]`, rows of unit length; key i belongs to query i, the others are its negatives.
 * The factor 2 tau makes the gradient, and so the best learning rate, insensitive to tau.
 * @throws ShapeError if the shapes differ.
 * @see arXiv 2104.02057, equation 1 and algorithm 1.
 */
export const infoNce = (q: Tensor, k: Tensor, tau: number): Scalar => {
  checkShape("infoNce", "q", q.shape, [null, null]);
  checkShape("infoNce", "k", k.shape, q.shape);
  const logits = matMul(q, k, { transposeB: true, alpha: 1 / tau }); // [B, B]
  const positive = mul(sum(mul(q, k), { axes: [1] }), 1 / tau); // [B]
  return mul(mean(sub(logSumExp(logits), positive)), 2 * tau);
};
