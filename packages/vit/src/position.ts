import { checkOption } from "@twinview/core";

/**
 * Fixed 2-D sine-cosine position embedding of a square grid of patches, rows one after the other, with a row of zeros in
 * front for the class token where there is one.
 *
 *     [sin(y w), cos(y w), sin(x w), cos(x w)],  w_i = 10000^(-i / (D / 4))
 *
 * where x counts columns and y rows. Shape `[grid^2 (+ 1), dim]`.
 * @throws ShapeError if dim is not a multiple of 4.
 * @see moco-v3 vits.py, build_2d_sincos_position_embedding: its first half, named w there, counts rows,
 * because torch.meshgrid defaults to matrix indexing.
 */
export const sinCosPosition = ({
  grid,
  dim,
  token,
}: {
  readonly grid: number;
  readonly dim: number;
  readonly token: boolean;
}): Float32Array => {
  checkOption("sinCosPosition", "dim", dim, dim % 4 === 0, "a multiple of 4");
  const quarter = dim / 4;
  const lead = token ? 1 : 0;
  const table = new Float32Array((grid * grid + lead) * dim);
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const start = (row * grid + column + lead) * dim;
      for (let i = 0; i < quarter; i++) {
        const frequency = 10000 ** (-i / quarter);
        table[start + i] = Math.sin(row * frequency);
        table[start + quarter + i] = Math.cos(row * frequency);
        table[start + 2 * quarter + i] = Math.sin(column * frequency);
        table[start + 3 * quarter + i] = Math.cos(column * frequency);
      }
    }
  }
  return table;
};
