/**
 * The gradient of a float64 function by central differences, `(f(x + h) - f(x - h)) / 2 h` number by number. With h = 1e-5 the
 * error is about `h^2 |f'''| / 6 + 2^-53 |f| / h`, 1e-10 for functions of size 1: far below float32's own rounding.
 */
export const finiteDifferences = (f: (x: Float64Array) => number, at: ArrayLike<number>, step = 1e-5): Float64Array => {
  const x = Float64Array.from(at);
  return Float64Array.from({ length: x.length }, (_, i) => {
    const middle = x[i] as number;
    const sides = [middle + step, middle - step].map((moved) => {
      x[i] = moved;
      return f(x);
    }) as [number, number];
    x[i] = middle;
    return (sides[0] - sides[1]) / (2 * step);
  });
};

/**
 * The slope of a function at 0 by the five-point rule `(8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h`, for functions computed in
 * float32. Its truncation error is `h^4 |f5| / 30`; rounding costs up to `1.5 * 2^-24 / h` of the numbers that f adds up, see
 * `slopeNoise`.
 */
export const slope = (f: (x: number) => number, step = slopeStep): number =>
  (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);

const slopeStep = 2e-3;

/** What the slope of a sum of float32 numbers is good to, as a share of the sum of their sizes, when each is right to one rounding. */
export const slopeNoise = (1.5 * 2 ** -24) / slopeStep;
