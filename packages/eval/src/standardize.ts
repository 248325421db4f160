import { checkRows, type Rows } from "./rows.ts";

/** Means and inverse deviations of columns, `[width]` each. */
export interface Standardizer {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * The mean and inverse deviation of each column, in float64; a column without variance gets factor 1. For a probe this is batch norm
 * without scale and shift, its statistics fixed to those of the training part: rates then mean the same for every encoder.
 * @see He et al., MAE, arXiv 2111.06377, appendix A.1, for batch norm before the linear classifier.
 */
export const standardizerOf = (rows: Rows): Standardizer => {
  checkRows("standardizerOf", "rows", rows);
  const { width, data } = rows;
  const mean = new Float64Array(width);
  const inverse = new Float64Array(width);
  for (let start = 0; start < data.length; start += width)
    for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) + (data[start + i] as number) / rows.rows;
  for (let start = 0; start < data.length; start += width)
    for (let i = 0; i < width; i++)
      inverse[i] = (inverse[i] as number) + ((data[start + i] as number) - (mean[i] as number)) ** 2 / rows.rows;
  for (let i = 0; i < width; i++) inverse[i] = (inverse[i] as number) > 1e-12 ? 1 / Math.sqrt(inverse[i] as number) : 1;
  return { mean, inverse };
};

/** `(x - mean) * inverse`, column by column. */
export const standardize = (rows: Rows, { mean, inverse }: Standardizer): Rows => {
  checkRows("standardize", "rows", rows, mean.length);
  const { width } = rows;
  const data = new Float32Array(rows.data.length);
  for (let start = 0; start < data.length; start += width)
    for (let i = 0; i < width; i++) data[start + i] = ((rows.data[start + i] as number) - (mean[i] as number)) * (inverse[i] as number);
  return { ...rows, data };
};
