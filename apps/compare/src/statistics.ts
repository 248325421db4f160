/** Mean and standard deviation over seeds (n - 1 in the denominator; 0 for one seed). */
export interface Spread {
  readonly mean: number;
  readonly std: number;
}

export const spreadOf = (values: readonly number[]): Spread => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, std: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
};

/** The middle of a few numbers: the upper of two middles. */
export const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
