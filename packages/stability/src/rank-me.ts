import { eigenvalues } from "./eigenvalues.ts";

/**
 * RankMe: the exponential of the entropy of the singular values of a matrix of embeddings,
 *
 *     exp(-sum_i p_i log p_i),  p_i = s_i / sum_j s_j + epsilon
 *
 * for `rows` embeddings of `width` numbers each, row by row. On the host, in float64, from the eigenvalues of `Z^T Z`: for
 * evaluation, where features are at hand; `effectiveRank` is the monitor inside the step.
 * @throws RangeError if the numbers do not fill the rows.
 * @see Garrido et al., arXiv 2210.02885, equation 1.
 */
export const rankMe = (z: ArrayLike<number>, { rows, width }: { readonly rows: number; readonly width: number }): number => {
  if (z.length !== rows * width) throw new RangeError(`rankMe: ${z.length} numbers do not fill ${rows} rows of ${width}`);
  const moments = new Float64Array(width * width); // Z^T Z
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    for (let i = 0; i < width; i++) {
      const x = z[start + i] as number;
      for (let j = i; j < width; j++) moments[i * width + j] = (moments[i * width + j] as number) + x * (z[start + j] as number);
    }
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) moments[i * width + j] = moments[j * width + i] as number;
  const singular = eigenvalues(moments, width).map((l) => Math.sqrt(Math.max(0, l)));
  const total = singular.reduce((a, b) => a + b, 0);
  if (total === 0) return 1;
  const epsilon = 1e-7;
  return Math.exp(-singular.reduce((sum, s) => sum + (s / total + epsilon) * Math.log(s / total + epsilon), 0));
};
