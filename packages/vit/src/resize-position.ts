/**
 * The matrix `[to^2, from^2]` that resizes a square map of positions bilinearly: row i holds the weights of the old positions in
 * the new position i. Both grids cover the same area, edges are repeated.
 */
export const resizeMatrix = (from: number, to: number): Float32Array => {
  const matrix = new Float32Array(to * to * from * from);
  /** The two old places a new one lies between, and the weight of the second. */
  const between = (i: number): readonly [number, number, number] => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.min(from - 1, Math.floor(place));
    return [low, Math.min(from - 1, low + 1), place - low];
  };
  for (let row = 0; row < to; row++) {
    const [top, bottom, down] = between(row);
    for (let column = 0; column < to; column++) {
      const [left, right, across] = between(column);
      const start = (row * to + column) * from * from;
      const give = (y: number, x: number, weight: number): void => {
        matrix[start + y * from + x] = (matrix[start + y * from + x] as number) + weight;
      };
      give(top, left, (1 - down) * (1 - across));
      give(top, right, (1 - down) * across);
      give(bottom, left, down * (1 - across));
      give(bottom, right, down * across);
    }
  }
  return matrix;
};
