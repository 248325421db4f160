// A symmetric filter along one axis, over pixels of four bytes. Weights are 16-bit words, the centre first; the centre and twice the
// others sum to 256, so that sums of bytes stay in an unsigned word.

const half: i16 = 128;

/** Index i of an axis of that length with its ends mirrored, the end itself not repeated: -1 is 1. */
function reflect(i: i32, length: i32): i32 {
  if (i >= 0 && i < length) return i;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((i % period) + period) % period;
  return inside < length ? inside : period - inside;
}

/** Filters every row of `from` [height, width] into `to`. `line` holds one row and `reach` pixels at either end. */
export function blurRows(from: usize, height: i32, width: i32, weights: usize, reach: i32, line: usize, to: usize): void {
  const center = v128.load16_splat(weights);
  const rowBytes = width << 2;
  const inner = line + (reach << 2);
  for (let y = 0; y < height; y++) {
    memory.copy(inner, from, rowBytes);
    for (let x = 1; x <= reach; x++) {
      store<u32>(inner - (x << 2), load<u32>(from + (reflect(-x, width) << 2)));
      store<u32>(inner + rowBytes + ((x - 1) << 2), load<u32>(from + (reflect(width - 1 + x, width) << 2)));
    }
    for (let x = 0; x < rowBytes; x += 16) {
      const bytes = v128.load(inner + x);
      let low = i16x8.add(i16x8.splat(half), i16x8.mul(i16x8.extend_low_i8x16_u(bytes), center));
      let high = i16x8.add(i16x8.splat(half), i16x8.mul(i16x8.extend_high_i8x16_u(bytes), center));
      let left = inner + x;
      let right = left;
      for (let k = 1; k <= reach; k++) {
        left -= 4;
        right += 4;
        const a = v128.load(left);
        const b = v128.load(right);
        const weight = v128.load16_splat(weights + (k << 1));
        low = i16x8.add(low, i16x8.mul(i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b)), weight));
        high = i16x8.add(high, i16x8.mul(i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b)), weight));
      }
      v128.store(to + x, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
    }
    from += rowBytes;
    to += rowBytes;
  }
}

/** Filters every column of `from` [height, width] into `to`. `rows` holds 2 reach addresses. */
export function blurColumns(from: usize, height: i32, width: i32, weights: usize, reach: i32, rows: usize, to: usize): void {
  const center = v128.load16_splat(weights);
  const rowBytes = width << 2;
  const end = rows + (reach << 3);
  for (let y = 0; y < height; y++) {
    for (let k = 1; k <= reach; k++) {
      const at = rows + ((k - 1) << 3);
      store<u32>(at, u32(from + reflect(y - k, height) * rowBytes));
      store<u32>(at, u32(from + reflect(y + k, height) * rowBytes), 4);
    }
    const middle = from + y * rowBytes;
    for (let x = 0; x < rowBytes; x += 16) {
      const bytes = v128.load(middle + x);
      let low = i16x8.add(i16x8.splat(half), i16x8.mul(i16x8.extend_low_i8x16_u(bytes), center));
      let high = i16x8.add(i16x8.splat(half), i16x8.mul(i16x8.extend_high_i8x16_u(bytes), center));
      let w = weights;
      for (let at = rows; at < end; at += 8) {
        w += 2;
        const a = v128.load(usize(load<u32>(at)) + x);
        const b = v128.load(usize(load<u32>(at, 4)) + x);
        const weight = v128.load16_splat(w);
        low = i16x8.add(low, i16x8.mul(i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b)), weight));
        high = i16x8.add(high, i16x8.mul(i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b)), weight));
      }
      v128.store(to + x, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
    }
    to += rowBytes;
  }
}
