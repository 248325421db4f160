/** The middle of some numbers, the mean of the two middle ones when they are even in number; NaN of none. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

/** The median of |x| of normal numbers about 0 is their standard deviation divided by this: `1 / Phi^-1(3/4)`. */
export const normalFactor = 1.4826;
