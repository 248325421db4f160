// Changes of colour in place, four pixels of four bytes at a time; the fourth byte means nothing. Loops may run up to three pixels
// past the end.

function redOf(pixels: v128): v128 {
  return v128.and(pixels, i32x4.splat(255));
}

function greenOf(pixels: v128): v128 {
  return v128.and(i32x4.shr_u(pixels, 8), i32x4.splat(255));
}

function blueOf(pixels: v128): v128 {
  return v128.and(i32x4.shr_u(pixels, 16), i32x4.splat(255));
}

function pixelsOf(red: v128, green: v128, blue: v128): v128 {
  return v128.or(red, v128.or(i32x4.shl(green, 8), i32x4.shl(blue, 16)));
}

/** Luma of ITU-R 601 as PIL rounds it: (19595 r + 38470 g + 7471 b + 2^15) / 2^16, in 0..255. */
function lumaOf(red: v128, green: v128, blue: v128): v128 {
  const warm = i32x4.add(i32x4.mul(red, i32x4.splat(19595)), i32x4.mul(green, i32x4.splat(38470)));
  return i32x4.shr_u(i32x4.add(warm, i32x4.add(i32x4.mul(blue, i32x4.splat(7471)), i32x4.splat(0x8000))), 16);
}

// A whole number x below 2^23 is the low bits of the float 2^23 + x: cheaper than conversions, which care for NaN and infinity.
const magic: f32 = 8388608;
const magicBits: i32 = 0x4b000000;

/** level + factor (x - level) in single precision, cut down to a whole number, at least 0; `base` is 2^23 + level. */
function blended(x: v128, base: v128, level: v128, factor: v128): v128 {
  const difference = f32x4.sub(v128.or(x, i32x4.splat(magicBits)), base);
  const whole = f32x4.floor(f32x4.add(level, f32x4.mul(factor, difference)));
  return i32x4.sub(f32x4.add(f32x4.pmax(whole, f32x4.splat(0)), f32x4.splat(magic)), i32x4.splat(magicBits));
}

/** Blends every channel with one level: level + factor (x - level), clamped. */
export function blend(at: usize, count: i32, level: i32, factor: f32): void {
  const levels = f32x4.splat(f32(level));
  const base = f32x4.splat(magic + f32(level));
  const factors = f32x4.splat(factor);
  for (const end = at + (count << 2); at < end; at += 16) {
    const bytes = v128.load(at);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    const a = blended(i32x4.extend_low_i16x8_u(low), base, levels, factors);
    const b = blended(i32x4.extend_high_i16x8_u(low), base, levels, factors);
    const c = blended(i32x4.extend_low_i16x8_u(high), base, levels, factors);
    const d = blended(i32x4.extend_high_i16x8_u(high), base, levels, factors);
    v128.store(at, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
}

/** Sum of the luma of all pixels. */
export function lumaSum(at: usize, count: i32): f64 {
  let sum: f64 = 0;
  while (count > 0) {
    const some = min(count, 1 << 20); // a lane then stays below 2^31
    let lanes = i32x4.splat(0);
    let i = 0;
    for (; i + 4 <= some; i += 4) {
      const pixels = v128.load(at + (i << 2));
      lanes = i32x4.add(lanes, lumaOf(redOf(pixels), greenOf(pixels), blueOf(pixels)));
    }
    const rest = some - i;
    if (rest > 0) {
      const pixels = v128.load(at + (i << 2));
      const inside = i32x4.gt_s(i32x4.splat(rest), i32x4(0, 1, 2, 3));
      lanes = i32x4.add(lanes, v128.and(inside, lumaOf(redOf(pixels), greenOf(pixels), blueOf(pixels))));
    }
    sum += f64(i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3));
    at += some << 2;
    count -= some;
  }
  return sum;
}

/** Blends every pixel with its own luma y: y + factor (x - y), clamped. */
export function saturate(at: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (const end = at + (count << 2); at < end; at += 16) {
    const pixels = v128.load(at);
    const red = redOf(pixels);
    const green = greenOf(pixels);
    const blue = blueOf(pixels);
    const luma = lumaOf(red, green, blue);
    const base = v128.or(luma, i32x4.splat(magicBits));
    const level = f32x4.sub(base, f32x4.splat(magic));
    const r = blended(red, base, level, factors);
    const g = blended(green, base, level, factors);
    const b = blended(blue, base, level, factors);
    const planes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(r, g), i16x8.narrow_i32x4_s(b, b));
    v128.store(at, i8x16.shuffle(planes, planes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  }
}

/** Every pixel replaced by its luma. */
export function gray(at: usize, count: i32): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const pixels = v128.load(at);
    v128.store(at, i32x4.mul(lumaOf(redOf(pixels), greenOf(pixels), blueOf(pixels)), i32x4.splat(0x010101)));
  }
}

/** Channels at or above the threshold inverted. */
export function solarize(at: usize, count: i32, threshold: i32): void {
  if (threshold > 255) return;
  const lowest = i8x16.splat(i8(threshold));
  for (const end = at + (count << 2); at < end; at += 16) {
    const bytes = v128.load(at);
    v128.store(at, v128.xor(bytes, i8x16.ge_u(bytes, lowest)));
  }
}

/** One channel of a turned hue: smallest + round(clamp(x, 0, chroma)), x and chroma in units of 2^-16. */
function channel(smallest: v128, x: v128, chroma: v128): v128 {
  const part = i32x4.min_s(i32x4.max_s(x, i32x4.splat(0)), chroma);
  return i32x4.add(smallest, i32x4.shr_s(i32x4.add(part, i32x4.splat(0x8000)), 16));
}

/**
 * Turns the hue of every pixel by `turn` sixths of the circle in units of 2^-16, in [0, 6 * 2^16). With c = max - min and the hue
 * times the chroma, H = c h in [0, 6 c), no pixel needs a division:
 *
 *     red = min + clamp(|H - 3c| - c, 0, c)    green = min + clamp(2c - |H - 2c|, 0, c)    blue = min + clamp(2c - |H - 4c|, 0, c)
 */
export function turnHue(at: usize, count: i32, turn: i32): void {
  const turns = i32x4.splat(turn);
  for (const end = at + (count << 2); at < end; at += 16) {
    const pixels = v128.load(at);
    const red = redOf(pixels);
    const green = greenOf(pixels);
    const blue = blueOf(pixels);
    const largest = i32x4.max_s(red, i32x4.max_s(green, blue));
    const smallest = i32x4.min_s(red, i32x4.min_s(green, blue));
    const chroma = i32x4.sub(largest, smallest);
    const twice = i32x4.shl(chroma, 1);
    const isRed = i32x4.eq(largest, red);
    const isGreen = i32x4.eq(largest, green);
    const ofGreen = i32x4.add(i32x4.sub(blue, red), twice);
    const ofBlue = i32x4.add(i32x4.sub(red, green), i32x4.shl(twice, 1));
    const before = v128.bitselect(i32x4.sub(green, blue), v128.bitselect(ofGreen, ofBlue, isGreen), isRed);
    const c = i32x4.shl(chroma, 16);
    const c2 = i32x4.shl(chroma, 17);
    const c6 = i32x4.mul(c2, i32x4.splat(3));
    let hue = i32x4.add(i32x4.shl(before, 16), i32x4.mul(chroma, turns));
    hue = i32x4.add(hue, v128.and(c6, i32x4.shr_s(hue, 31)));
    hue = i32x4.sub(hue, v128.and(c6, i32x4.ge_s(hue, c6)));
    const r = channel(smallest, i32x4.sub(i32x4.abs(i32x4.sub(hue, i32x4.add(c, c2))), c), c);
    const g = channel(smallest, i32x4.sub(c2, i32x4.abs(i32x4.sub(hue, c2))), c);
    const b = channel(smallest, i32x4.sub(c2, i32x4.abs(i32x4.sub(hue, i32x4.shl(c2, 1)))), c);
    v128.store(at, pixelsOf(r, g, b));
  }
}
