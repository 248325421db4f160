/** Curves of many layers as a table that fits a picture. */
export interface HeatGrid {
  /** The first step of each column. */
  readonly columns: readonly number[];
  /** Steps in a column, rounded up. */
  readonly stepsPerColumn: number;
  /** The largest value of each layer in the steps of each column, `[layers, columns]`; NaN where there is none. */
  readonly values: Float64Array;
  /** The column that a step falls in. */
  readonly columnOf: (step: number) => number;
}

/** Values of layers by step, with at most `width` columns: each shows the largest value of its steps, so that no spike is lost. */
export const heatGrid = (steps: readonly number[], layers: readonly (readonly number[])[], width = 600): HeatGrid => {
  const count = Math.min(width, steps.length);
  const startOf = (column: number): number => Math.floor((column * steps.length) / count);
  const columns = Array.from({ length: count }, (_, column) => steps[startOf(column)] as number);
  const values = new Float64Array(layers.length * count).fill(Number.NaN);
  layers.forEach((layer, row) => {
    for (let column = 0; column < count; column++) {
      for (let i = startOf(column); i < startOf(column + 1); i++) {
        const value = layer[i] as number;
        const at = row * count + column;
        if (!(value <= (values[at] as number))) values[at] = Number.isNaN(value) ? (values[at] as number) : value;
      }
    }
  });
  const columnOf = (step: number): number =>
    Math.max(
      0,
      columns.findLastIndex((first) => first <= step),
    );
  return { columns, stepsPerColumn: Math.ceil(steps.length / Math.max(1, count)), values, columnOf };
};
