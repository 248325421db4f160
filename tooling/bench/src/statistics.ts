/**
 * The middle value; the mean of the two middle ones when their number is even.
 * @throws RangeError when there are none.
 */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw new RangeError("median: no values");
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
};

/** How two alternating series of speeds compare. */
export interface Comparison {
  readonly ratio: number;
  /** Ratios of neighbours in time: what was slow for one was probably slow for the other. Their median is what the benchmark reports. */
  readonly pairs: readonly number[];
  readonly pairMedian: number;
}

/**
 * Compares speeds measured in turn, `a[i]` right before `b[i]`.
 *
 *     ratio = median(a) / median(b)      pairs[i] = a[i] / b[i]
 *
 * @throws RangeError when the series are empty or not of one length.
 */
export const compare = (a: readonly number[], b: readonly number[]): Comparison => {
  if (a.length !== b.length) throw new RangeError(`compare: ${a.length} values against ${b.length}`);
  const pairs = a.map((value, i) => value / (b[i] as number));
  return { ratio: median(a) / median(b), pairs, pairMedian: median(pairs) };
};
