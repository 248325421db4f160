/** A symmetric tridiagonal matrix: its diagonal and the squares beside it. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly squares: Float64Array;
}

/** Householder reflections from both sides turn a symmetric matrix, which is overwritten, into a tridiagonal one. */
const tridiagonalOf = (a: Float64Array, n: number): Tridiagonal => {
  const diagonal = new Float64Array(n);
  const squares = new Float64Array(Math.max(0, n - 1));
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k] as number;
    if (k === n - 1) break;
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[k * n + i] as number;
      norm += (v[i] as number) ** 2;
    }
    squares[k] = norm;
    if (norm === 0) continue;
    // v is the column minus the multiple of the first axis that it is reflected to; the sign avoids cancellation
    v[k + 1] = (v[k + 1] as number) + ((v[k + 1] as number) < 0 ? -1 : 1) * Math.sqrt(norm);
    let length = 0;
    for (let i = k + 1; i < n; i++) length += (v[i] as number) ** 2;
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += (a[i * n + j] as number) * (v[j] as number);
      p[i] = (2 * sum) / length;
      along += (p[i] as number) * (v[i] as number);
    }
    for (let i = k + 1; i < n; i++) p[i] = (p[i] as number) - (along / length) * (v[i] as number);
    for (let i = k + 1; i < n; i++) {
      const [vi, pi] = [v[i] as number, p[i] as number];
      for (let j = k + 1; j < n; j++) a[i * n + j] = (a[i * n + j] as number) - vi * (p[j] as number) - pi * (v[j] as number);
    }
  }
  return { diagonal, squares };
};

/** How many eigenvalues lie below x: the negative pivots of the matrix minus x (Sylvester's law of inertia). */
const countBelow = ({ diagonal, squares }: Tridiagonal, x: number): number => {
  let below = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = (diagonal[i] as number) - x - (i === 0 ? 0 : (squares[i - 1] as number) / pivot);
    if (pivot === 0) pivot = -Number.MIN_VALUE * 2 ** 60;
    if (pivot < 0) below++;
  }
  return below;
};

/**
 * The eigenvalues of a symmetric matrix `[n, n]` in row-major order, falling, in float64: Householder's tridiagonal form, then
 * bisection. The matrix is not changed. Absolute errors are a few roundings of the largest; 500 rows take about half a second.
 * @throws RangeError if the numbers do not fill a square.
 * @see Golub and Van Loan, Matrix Computations, sections 8.3 and 8.4.
 */
export const eigenvalues = (matrix: ArrayLike<number>, n: number): Float64Array => {
  if (matrix.length !== n * n) throw new RangeError(`eigenvalues: ${matrix.length} numbers do not fill a matrix of ${n} rows`);
  const form = tridiagonalOf(Float64Array.from(matrix), n);
  const beside = (i: number): number => Math.sqrt(form.squares[i] ?? 0);
  const radius = Math.max(0, ...Array.from(form.diagonal, (d, i) => Math.abs(d) + beside(i) + (i === 0 ? 0 : beside(i - 1))));
  const falling = new Float64Array(n);
  let top = radius;
  for (let k = 0; k < n; k++) {
    let [low, high] = [-radius, top];
    // the largest x with at least n - k eigenvalues below or at it
    for (let i = 0; i < 60 && high - low > 1e-16 * radius; i++) {
      const middle = (low + high) / 2;
      if (countBelow(form, middle) >= n - k) high = middle;
      else low = middle;
    }
    falling[k] = (low + high) / 2;
    top = high;
  }
  return falling;
};
