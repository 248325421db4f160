import { l2Normalize, mean, mul, type Scalar, sqrt, square, sub, type Tensor } from "@twinview/core";

/**
 * The collapse monitor: the mean over dimensions of the standard deviation of unit-length features, times `sqrt(D)`.
 * Near 1 for features spread over the sphere, 0 when all images get the same feature. Shapes: `z [B, D]`.
 * @see Chen and He, arXiv 2011.10566, section 4.1.
 */
export const embeddingStd = (z: Tensor): Scalar => {
  const unit = l2Normalize(z);
  const centred = sub(unit, mean(unit, { axes: [0], keepDims: true }));
  const deviation = sqrt(mean(square(centred), { axes: [0] })); // [D]
  return mul(mean(deviation), Math.sqrt(z.shape[1] as number));
};
