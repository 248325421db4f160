import { checkShape, l2Normalize, mul, type Scalar, square, sub, sum, type Tensor } from "@twinview/core";

/**
 * BYOL's regression of one embedding on another, both scaled to unit length:
 *
 *     L = mean_b |p_b / |p_b| - z_b / |z_b||^2 = mean_b( 2 - 2 cos(p_b, z_b) )
 *
 * Shapes: `p [B, D]`, `z [B, D]`, rows of any length. Written as a distance, because 2 - 2 cos loses its digits near 0.
 * @throws ShapeError if the shapes differ.
 * @see Grill et al., BYOL, arXiv 2006.07733, equation 2.
 */
export const cosineRegression = (p: Tensor, z: Tensor): Scalar => {
  checkShape("cosineRegression", "p", p.shape, [null, null]);
  checkShape("cosineRegression", "z", z.shape, p.shape);
  return mul(sum(square(sub(l2Normalize(p), l2Normalize(z)))), 1 / (p.shape[0] as number));
};
