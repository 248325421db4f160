// Packed pixels (red, green, blue) to pixels of four bytes (and a fourth that means nothing) and back.

/** Packed pixels [rows, width] with `stride` bytes a row to pixels of four bytes. */
export function unpack(from: usize, stride: i32, rows: i32, width: i32, to: usize): void {
  const zero = i8x16.splat(0);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 4) {
      v128.store(to + (x << 2), i8x16.shuffle(v128.load(from + 3 * x), zero, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16));
    }
    from += stride;
    to += width << 2;
  }
}

/** A box of pixels of four bytes, `stride` pixels a row, to packed pixels, mirrored left to right when `flip` is set. */
export function pack(from: usize, stride: i32, rows: i32, width: i32, flip: bool, to: usize): void {
  const zero = i8x16.splat(0);
  for (let y = 0; y < rows; y++) {
    if (flip) {
      const last = from + ((width - 4) << 2);
      for (let x = 0; x < width; x += 4) {
        const pixels = v128.load(last - (x << 2));
        v128.store(to + 3 * x, i8x16.shuffle(pixels, zero, 12, 13, 14, 8, 9, 10, 4, 5, 6, 0, 1, 2, 16, 16, 16, 16));
      }
    } else {
      for (let x = 0; x < width; x += 4) {
        const pixels = v128.load(from + (x << 2));
        v128.store(to + 3 * x, i8x16.shuffle(pixels, zero, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 16, 16, 16));
      }
    }
    from += stride << 2;
    to += 3 * width;
  }
}
