/**
 * The eigenvalues of a symmetric matrix `[n, n]` in row-major order, falling, by cyclic Jacobi rotations in float64.
 * The matrix is not changed. Meant for the small covariances of embeddings: a few hundred rows take about a second.
 * @throws RangeError if the numbers do not fill a square.
 * @see Golub and Van Loan, Matrix Computations, section 8.5.
 */
export const eigenvalues = (matrix: ArrayLike<number>, n: number): Float64Array => {
  if (matrix.length !== n * n) throw new RangeError(`eigenvalues: ${matrix.length} numbers do not fill a matrix of ${n} rows`);
  const a = Float64Array.from(matrix);
  const at = (i: number, j: number): number => a[i * n + j] as number;
  const total = a.reduce((sum, x) => sum + x * x, 0);
  const rotate = (p: number, q: number): void => {
    if (at(p, q) === 0) return;
    const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
    const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
    const c = 1 / Math.hypot(t, 1);
    const s = t * c;
    for (let k = 0; k < n; k++) {
      const [x, y] = [at(k, p), at(k, q)];
      a[k * n + p] = c * x - s * y;
      a[k * n + q] = s * x + c * y;
    }
    for (let k = 0; k < n; k++) {
      const [x, y] = [at(p, k), at(q, k)];
      a[p * n + k] = c * x - s * y;
      a[q * n + k] = s * x + c * y;
    }
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += 2 * at(p, q) ** 2;
    if (off <= 1e-24 * total) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(p, q);
  }
  return Float64Array.from({ length: n }, (_, i) => at(i, i)).sort((x, y) => y - x);
};
