import { add, checkShape, div, l2Normalize, matMul, mean, type Scalar, square, sub, sum, type Tensor } from "@twinview/core";

/** Below this, variances of unit vectors are rounding of float32: they count as none. */
const floor = 1e-10;

/**
 * How many directions unit-length embeddings spread over: the participation ratio of their covariance C,
 *
 *     rank = trace(C)^2 / trace(C^2) = (sum_i l_i)^2 / sum_i l_i^2
 *
 * with l_i the eigenvalues of C. It is D when all are equal, 1 when one direction has all the variance or there is none. Shapes:
 * `z [B, D]`. It needs no eigenvalues, only two sums over the smaller of C and the Gram matrix, so it runs inside the step's graph;
 * `rankMe`, which needs them, is for the host and for evaluation. Both are exponentials of an entropy of the spectrum (order 2
 * here, order 1 there), and 1 and D at the same extremes.
 * @see Gao et al., "A theory of multineuronal dimensionality", bioRxiv 214262, for the participation ratio; compare `rankMe`.
 */
export const effectiveRank = (z: Tensor): Scalar => {
  checkShape("effectiveRank", "z", z.shape, [null, null]);
  const [rows, width] = z.shape as readonly [number, number];
  const unit = l2Normalize(z);
  const centred = sub(unit, mean(unit, { axes: [0], keepDims: true })); // [B, D]
  const scale = { alpha: 1 / rows };
  const covariance =
    rows < width ? matMul(centred, centred, { ...scale, transposeB: true }) : matMul(centred, centred, { ...scale, transposeA: true });
  const trace = div(sum(square(centred)), rows);
  return div(add(square(trace), floor ** 2), add(sum(square(covariance)), floor ** 2));
};
