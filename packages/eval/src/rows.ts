import { ShapeError } from "@twinview/core";

/** Rows of numbers: features of images, `[rows, width]`. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Features with the class of each row. */
export interface LabelledRows {
  readonly features: Rows;
  /** `[rows]`, whole numbers below the number of classes. */
  readonly labels: Int32Array;
}

/**
 * Refuses rows whose numbers do not fill them, or whose width is not the expected one.
 * @throws ShapeError naming the function, the argument and the numbers.
 */
export const checkRows = (where: string, argument: string, { rows, width, data }: Rows, expectedWidth = width): void => {
  if (data.length !== rows * width)
    throw new ShapeError(`${where}: ${argument} has ${data.length} numbers, expected ${rows} rows of ${width}`);
  if (width !== expectedWidth) throw new ShapeError(`${where}: ${argument} has features of width ${width}, expected ${expectedWidth}`);
};

/** The rows at `indices`, in that order. */
export const rowsAt = ({ width, data }: Rows, indices: ArrayLike<number>): Rows => {
  const out = new Float32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * width;
    out.set(data.subarray(from, from + width), i * width);
  }
  return { rows: indices.length, width, data: out };
};

/** Features and labels of the rows at `indices`. */
export const labelledAt = ({ features, labels }: LabelledRows, indices: ArrayLike<number>): LabelledRows => ({
  features: rowsAt(features, indices),
  labels: Int32Array.from(indices, (i) => labels[i] as number),
});

/** The rows scaled to unit length; a row of zeros stays. */
export const unitRows = ({ rows, width, data }: Rows): Rows => {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (data[start + i] as number) ** 2;
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < width; i++) out[start + i] = (data[start + i] as number) * factor;
  }
  return { rows, width, data: out };
};
