/**
 * The mean of the `window` values around each value, of fewer at the ends: a curve without its noise. Values that are not finite are
 * left out of the mean; `window` is odd.
 */
export const movingAverage = (values: readonly number[], window: number): readonly number[] => {
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  values.forEach((value, i) => {
    const finite = Number.isFinite(value);
    sums[i + 1] = (sums[i] as number) + (finite ? value : 0);
    counts[i + 1] = (counts[i] as number) + (finite ? 1 : 0);
  });
  const reach = (window - 1) / 2;
  return values.map((_, i) => {
    const [from, to] = [Math.max(0, i - reach), Math.min(values.length, i + reach + 1)];
    const count = (counts[to] as number) - (counts[from] as number);
    return count === 0 ? Number.NaN : ((sums[to] as number) - (sums[from] as number)) / count;
  });
};
