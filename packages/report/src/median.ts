/** The middle of the finite values, the upper one of two; NaN when there is none. */
export const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  return sorted[sorted.length >> 1] ?? Number.NaN;
};
