const mix = (x: number): number => {
  let y = x ^ (x >>> 16);
  y = Math.imul(y, 0x7feb352d);
  y ^= y >>> 15;
  y = Math.imul(y, 0x846ca68b);
  return (y ^ (y >>> 16)) >>> 0;
};

const word = (stream: number, index: number): number => mix((index + Math.imul(stream, 0x9e3779b9)) | 0);

/** Bytes `[batch, size, size, 3]` of a view of a step, by the hash of golden/pixels.py. */
export const goldenView = (step: number, view: number, { batch, size }: { readonly batch: number; readonly size: number }): Uint8Array => {
  const bytes = new Uint8Array(batch * size * size * 3);
  const grid = size / 4;
  let at = 0;
  for (let b = 0; b < batch; b++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let c = 0; c < 3; c++) {
          const square = ((b * grid + Math.floor(y / 4)) * grid + Math.floor(x / 4)) * 3 + c;
          const coarse = word(2 * step, square) % 192; // shared by all views
          const fine = word(2 * step + 1 + view * 4096, at) % 64;
          bytes[at++] = coarse + fine;
        }
  return bytes;
};
