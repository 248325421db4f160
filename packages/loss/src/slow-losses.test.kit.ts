import { lengthOf, rowOf, type Slow, slow } from "@twinview/testkit";

/** Rows of a matrix as lists. */
export const rowsOf = (x: Slow): number[][] => Array.from({ length: x.shape[0] as number }, (_, i) => rowOf(x, i));

/** Rows scaled to unit length. */
export const unitRows = (x: Slow): Slow =>
  slow(
    rowsOf(x).flatMap((row) => row.map((value) => value / lengthOf(row))),
    x.shape,
  );

/** `log softmax` of a list. */
export const logSoftmax = (x: readonly number[]): number[] => {
  const top = Math.max(...x);
  const total = x.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return x.map((value) => value - top - Math.log(total));
};

/** A list of one number, as a result. */
export const scalar = (value: number): Slow => slow([value], []);

export const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
