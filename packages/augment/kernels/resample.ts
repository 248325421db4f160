// Antialiased resizing in two passes. Weights are 16-bit words that sum to 256: a byte times them stays in an unsigned word.

const one: f64 = 256;
const half: i16 = 128;
const fourTimes: u64 = 0x0001_0001_0001_0001;

/** Where weight k of output i lies: outputs in pairs, so that one load gives the weights of both for the four bytes of a pixel. */
function weightAt(weights: usize, taps: i32, i: i32, k: i32): usize {
  return weights + ((((i >> 1) * taps + k) << 4) + ((i & 1) << 3));
}

function triangle(distance: f64, support: f64): f64 {
  return Math.max(0, 1 - Math.abs(distance) / support);
}

/** Inputs that each output of an axis reads. */
export function tapsOf(input: i32, output: i32): i32 {
  const support = Math.max(f64(input) / f64(output), 1);
  return min(input, i32(Math.ceil(2 * support)));
}

/**
 * Fills the table of an axis: output i reads `taps` inputs from starts[i]. PIL's triangle filter: centre (i + 1/2) s, half-width
 * max(s, 1), s = input / output. Weights are rounded so that their running sums are right to 1/512 and add up to one exactly.
 * Up to three outputs are added that read input 0 with weight 0: outputs are made four at a time.
 */
export function axis(input: i32, output: i32, starts: usize, weights: usize): void {
  const scale = f64(input) / f64(output);
  const support = Math.max(scale, 1);
  const taps = tapsOf(input, output);
  for (let i = 0; i < output; i++) {
    const center = (f64(i) + 0.5) * scale - 0.5;
    const start = min(max(i32(Math.floor(center - support + 1)), 0), input - taps);
    let total: f64 = 0;
    for (let k = 0; k < taps; k++) total += triangle(f64(start + k) - center, support);
    let sum: f64 = 0;
    let given = 0;
    for (let k = 0; k < taps; k++) {
      sum += triangle(f64(start + k) - center, support);
      const upTo = i32(Math.floor((sum / total) * one + 0.5));
      store<u64>(weightAt(weights, taps, i, k), u64(upTo - given) * fourTimes);
      given = upTo;
    }
    store<i32>(starts + (i << 2), start);
  }
  for (let i = output; i < ((output + 3) & ~3); i++) {
    store<i32>(starts + (i << 2), 0);
    for (let k = 0; k < taps; k++) store<u64>(weightAt(weights, taps, i, k), 0);
  }
}

/** Spreads a row of packed pixels to four words each: red, green, blue, 0. */
function spread(from: usize, width: i32, to: usize): void {
  const zero = i8x16.splat(0);
  for (let x = 0; x < width; x += 4) {
    const packed = v128.load(from);
    v128.store(to, i8x16.shuffle(packed, zero, 0, 16, 1, 16, 2, 16, 16, 16, 3, 16, 4, 16, 5, 16, 16, 16));
    v128.store(to, i8x16.shuffle(packed, zero, 6, 16, 7, 16, 8, 16, 16, 16, 9, 16, 10, 16, 11, 16, 16, 16), 16);
    from += 12;
    to += 32;
  }
}

/** Filters rows: packed pixels [rows, boxWidth] with `stride` bytes a row to pixels of four bytes [rows, width]. `line` holds one row. */
export function across(
  from: usize,
  stride: i32,
  rows: i32,
  boxWidth: i32,
  width: i32,
  starts: usize,
  weights: usize,
  line: usize,
  to: usize,
): void {
  const taps = tapsOf(boxWidth, width);
  const pair = usize(taps) << 4;
  for (let y = 0; y < rows; y++) {
    spread(from, boxWidth, line);
    let w = weights;
    for (let x = 0; x < width; x += 4) {
      const s = starts + (x << 2);
      let a = line + (usize(load<i32>(s)) << 3);
      let b = line + (usize(load<i32>(s, 4)) << 3);
      let c = line + (usize(load<i32>(s, 8)) << 3);
      let d = line + (usize(load<i32>(s, 12)) << 3);
      let first = i16x8.splat(half);
      let second = i16x8.splat(half);
      for (const end = w + pair; w < end; w += 16) {
        const ab = v128.load_lane<u64>(b, v128.load64_zero(a), 1);
        const cd = v128.load_lane<u64>(d, v128.load64_zero(c), 1);
        first = i16x8.add(first, i16x8.mul(ab, v128.load(w)));
        second = i16x8.add(second, i16x8.mul(cd, v128.load(w + pair)));
        a += 8;
        b += 8;
        c += 8;
        d += 8;
      }
      w += pair;
      v128.store(to + (x << 2), i8x16.narrow_i16x8_u(i16x8.shr_u(first, 8), i16x8.shr_u(second, 8)));
    }
    from += stride;
    to += width << 2;
  }
}

/** Filters columns: pixels of four bytes [boxHeight, width] to [height, width]. */
export function down(from: usize, boxHeight: i32, height: i32, width: i32, starts: usize, weights: usize, to: usize): void {
  const taps = tapsOf(boxHeight, height);
  const rowBytes = width << 2;
  for (let y = 0; y < height; y++) {
    const row = from + load<i32>(starts + (y << 2)) * rowBytes;
    const first = weightAt(weights, taps, y, 0);
    for (let x = 0; x < rowBytes; x += 16) {
      let low = i16x8.splat(half);
      let high = i16x8.splat(half);
      let at = row + x;
      let w = first;
      for (let k = 0; k < taps; k++) {
        const bytes = v128.load(at);
        const weight = v128.load16_splat(w);
        low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(bytes), weight));
        high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(bytes), weight));
        at += rowBytes;
        w += 16;
      }
      v128.store(to + x, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
    }
    to += rowBytes;
  }
}
