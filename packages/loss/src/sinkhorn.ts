import { add, checkOption, checkShape, logSumExp, mul, neg, softmax, stopGradient, sub, type Tensor, transpose } from "@twinview/core";

export interface SinkhornOptions {
  /** Smoothness of the codes: scores are divided by it. Any number above 0 is safe. */
  readonly epsilon: number;
  /** Rounds of balancing; 0 leaves every image to itself: a softmax over prototypes, which lets SwAV collapse. */
  readonly iterations?: number;
  /** `[N]`, 1 for rows that count and 0 for rows that are as if absent; all count when there is none. */
  readonly present?: Tensor;
}

/** Added to the logarithm of an absent row: `exp` of it is 0, and no difference of two of them is NaN. */
const never = 1e30;

/**
 * Sinkhorn-Knopp in the log domain: soft codes that use all prototypes equally. In turn, the columns are scaled to equal sums and
 * the rows to sum 1, columns first and rows last:
 *
 *     u_k = -log sum_n exp(s_nk / epsilon + v_n),   v_n = -log sum_k exp(s_nk / epsilon + u_k),   q = exp(s / epsilon + u + v)
 *
 * Shapes: `scores [N, K]`, rows images, columns prototypes; result `[N, K]`, rows of sum 1, no gradient. The constants 1 / K and
 * 1 / N that the published loop multiplies by cancel in the last scaling of the rows.
 * @throws ShapeError if epsilon or iterations are out of range or `present` has another length.
 * @see Caron et al., SwAV, arXiv 2006.09882, section 3.1 and appendix A; Cuturi, arXiv 1306.0895.
 */
export const sinkhorn = (scores: Tensor, { epsilon, iterations = 3, present }: SinkhornOptions): Tensor => {
  checkShape("sinkhorn", "scores", scores.shape, [null, null]);
  checkOption("sinkhorn", "epsilon", epsilon, epsilon > 0, "a number above 0");
  checkOption("sinkhorn", "iterations", iterations, Number.isInteger(iterations) && iterations >= 0, "a whole number, at least 0");
  if (present !== undefined) checkShape("sinkhorn", "present", present.shape, [scores.shape[0] as number]);
  const byImage = mul(stopGradient(scores), 1 / epsilon); // [N, K]
  if (iterations === 0) return softmax(byImage);
  const byPrototype = transpose(byImage, [1, 0]); // [K, N]
  const counted = present === undefined ? byPrototype : add(byPrototype, mul(sub(present, 1), never));
  let u = neg(logSumExp(counted)); // [K]
  for (let i = 1; i < iterations; i++) {
    const v = neg(logSumExp(add(byImage, u))); // [N]
    u = neg(logSumExp(add(counted, v)));
  }
  return softmax(add(byImage, u)); // the last scaling of the rows
};
