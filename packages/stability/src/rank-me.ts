import { eigenvalues } from "./eigenvalues.ts";

/** `Z^T Z`, or `Z Z^T` where that is smaller: both have the squares of the singular values as their eigenvalues. */
const smallerProduct = (z: ArrayLike<number>, rows: number, width: number): { readonly moments: Float64Array; readonly side: number } => {
  const side = Math.min(rows, width);
  const moments = new Float64Array(side * side);
  if (rows < width) {
    for (let i = 0; i < rows; i++) {
      for (let j = i; j < rows; j++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += (z[i * width + k] as number) * (z[j * width + k] as number);
        moments[i * side + j] = sum;
      }
    }
  } else {
    for (let row = 0; row < rows; row++) {
      const start = row * width;
      for (let i = 0; i < width; i++) {
        const x = z[start + i] as number;
        for (let j = i; j < width; j++) moments[i * side + j] = (moments[i * side + j] as number) + x * (z[start + j] as number);
      }
    }
  }
  for (let i = 0; i < side; i++) for (let j = 0; j < i; j++) moments[i * side + j] = moments[j * side + i] as number;
  return { moments, side };
};

/**
 * RankMe: the exponential of the entropy of the singular values of a matrix of embeddings,
 *
 *     exp(-sum_i p_i log p_i),  p_i = s_i / sum_j s_j + epsilon
 *
 * for `rows` embeddings of `width` numbers each, row by row. On the host, in float64: for evaluation, where features are at hand;
 * `effectiveRank` is the monitor inside the step.
 * @throws RangeError if the numbers do not fill the rows.
 * @see Garrido et al., arXiv 2210.02885, equation 1.
 */
export const rankMe = (z: ArrayLike<number>, { rows, width }: { readonly rows: number; readonly width: number }): number => {
  if (z.length !== rows * width) throw new RangeError(`rankMe: ${z.length} numbers do not fill ${rows} rows of ${width}`);
  const { moments, side } = smallerProduct(z, rows, width);
  const singular = eigenvalues(moments, side).map((l) => Math.sqrt(Math.max(0, l)));
  const total = singular.reduce((a, b) => a + b, 0);
  if (total === 0) return 1;
  const epsilon = 1e-7;
  return Math.exp(-singular.reduce((sum, s) => sum + (s / total + epsilon) * Math.log(s / total + epsilon), 0));
};
