import { checkOption } from "@twinview/core";

/**
 * Fixed 2-D sine-cosine position embedding of a square grid of patches, rows one after the other, with a row of zeros in
 * front for the class token where there is one.
 *
 *     [sin(y w), cos(y w), sin(x w), cos(x w)],  w_i = 10000^(-i / (D / 4))
 *
 * where x counts columns and y rows. Shape `[grid^2 (+ 1), dim]`. With `span`, the grid covers the area that `span` patches a side
 * cover in a full view, and coordinates count those: patch i lies at `(i + .5) span / grid - .5`.
 * @throws ShapeError if dim is not a multiple of 4.
 * @see moco-v3 vits.py, build_2d_sincos_position_embedding: its first half, named w there, counts rows,
 * because torch.meshgrid defaults to matrix indexing.
 */
export const sinCosPosition = ({
  grid,
  dim,
  token,
  span = grid,
}: {
  readonly grid: number;
  readonly dim: number;
  readonly token: boolean;
  readonly span?: number;
}): Float32Array => {
  checkOption("sinCosPosition", "dim", dim, dim % 4 === 0, "a multiple of 4");
  const quarter = dim / 4;
  const lead = token ? 1 : 0;
  const table = new Float32Array((grid * grid + lead) * dim);
  const place = (i: number): number => ((i + 0.5) * span) / grid - 0.5;
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const start = (row * grid + column + lead) * dim;
      for (let i = 0; i < quarter; i++) {
        const frequency = 10000 ** (-i / quarter);
        table[start + i] = Math.sin(place(row) * frequency);
        table[start + quarter + i] = Math.cos(place(row) * frequency);
        table[start + 2 * quarter + i] = Math.sin(place(column) * frequency);
        table[start + 3 * quarter + i] = Math.cos(place(column) * frequency);
      }
    }
  }
  return table;
};
