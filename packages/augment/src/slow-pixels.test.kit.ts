import type { Box, Image, Size } from "./image.ts";

// Slow twins of the kernels: one channel of one pixel at a time, from the definitions, with the same rounding.

type Channel = (x: number, y: number, c: number) => number;

const channelOf =
  ({ width, data }: Image): Channel =>
  (x, y, c) =>
    data[(y * width + x) * 3 + c] as number;

const drawn = ({ width, height }: Size, value: Channel): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3)),
});

/** Weights of output i of an axis, in 1/256: inputs under the triangle of half-width max(s, 1) around (i + 1/2) s - 1/2. */
const triangleWeights = (input: number, output: number, i: number): readonly (readonly [at: number, weight: number])[] => {
  const scale = input / output;
  const support = Math.max(scale, 1);
  const center = (i + 0.5) * scale - 0.5;
  const parts = Array.from({ length: input }, (_, at) => Math.max(0, 1 - Math.abs(at - center) / support));
  const total = parts.reduce((a, b) => a + b, 0);
  let sum = 0;
  let given = 0;
  return parts.map((part, at) => {
    sum += part;
    const upTo = Math.round((sum / total) * 256);
    const weight = upTo - given;
    given = upTo;
    return [at, weight];
  });
};

const filtered = (weights: readonly (readonly [number, number])[], value: (at: number) => number): number =>
  Math.floor((128 + weights.reduce((sum, [at, weight]) => sum + (weight === 0 ? 0 : weight * value(at)), 0)) / 256);

export const slowCrop = (image: Image, box: Box, size: Size): Image => {
  const of = channelOf(image);
  const acrossWeights = Array.from({ length: size.width }, (_, i) => triangleWeights(box.width, size.width, i));
  const downWeights = Array.from({ length: size.height }, (_, i) => triangleWeights(box.height, size.height, i));
  const middle = drawn({ width: size.width, height: box.height }, (x, y, c) =>
    filtered(acrossWeights[x] as (typeof acrossWeights)[number], (at) => of(box.left + at, box.top + y, c)),
  );
  return drawn(size, (x, y, c) => filtered(downWeights[y] as (typeof downWeights)[number], (at) => channelOf(middle)(x, at, c)));
};

const blended = (level: number, factor: number, x: number): number =>
  Math.trunc(Math.min(255, Math.max(0, Math.fround(level + Math.fround(Math.fround(factor) * (x - level))))));

const lumaAt = (image: Image, x: number, y: number): number => {
  const of = channelOf(image);
  return Math.floor((19595 * of(x, y, 0) + 38470 * of(x, y, 1) + 7471 * of(x, y, 2) + 32768) / 65536);
};

export const slowBrightness = (image: Image, factor: number): Image =>
  drawn(image, (x, y, c) => blended(0, factor, channelOf(image)(x, y, c)));

export const slowContrast = (image: Image, factor: number): Image => {
  const lumas = Array.from({ length: image.width * image.height }, (_, i) => lumaAt(image, i % image.width, Math.floor(i / image.width)));
  const mean = Math.floor(lumas.reduce((a, b) => a + b, 0) / lumas.length + 0.5);
  return drawn(image, (x, y, c) => blended(mean, factor, channelOf(image)(x, y, c)));
};

export const slowSaturation = (image: Image, factor: number): Image =>
  drawn(image, (x, y, c) => blended(lumaAt(image, x, y), factor, channelOf(image)(x, y, c)));

export const slowGray = (image: Image): Image => drawn(image, (x, y) => lumaAt(image, x, y));

export const slowSolarize = (image: Image, threshold: number): Image =>
  drawn(image, (x, y, c) => {
    const value = channelOf(image)(x, y, c);
    return value >= threshold ? 255 - value : value;
  });

/** Hue by sectors of the circle, in units of chroma / 2^16, rounded up at one half. */
export const slowHue = (image: Image, shift: number): Image => {
  const turn = Math.round((shift - Math.floor(shift)) * 6 * 65536) % (6 * 65536);
  return drawn(image, (x, y, c) => {
    const [red, green, blue] = [0, 1, 2].map((channel) => channelOf(image)(x, y, channel)) as [number, number, number];
    const [max, min] = [Math.max(red, green, blue), Math.min(red, green, blue)];
    const chroma = max - min;
    if (chroma === 0) return min;
    const before = max === red ? green - blue : max === green ? 2 * chroma + blue - red : 4 * chroma + red - green;
    const circle = 6 * chroma * 65536;
    const hue = (before * 65536 + chroma * turn + circle) % circle;
    const sector = Math.floor(hue / (chroma * 65536));
    const part = hue / 65536 - sector * chroma;
    const rising = min + Math.floor(part + 0.5);
    const falling = min + Math.floor(chroma - part + 0.5);
    const rows = [
      [max, rising, min],
      [falling, max, min],
      [min, max, rising],
      [min, falling, max],
      [rising, min, max],
      [max, min, falling],
    ];
    return (rows[sector] as number[])[c] as number;
  });
};

const mirrored = (i: number, length: number): number => {
  let at = i;
  while (length > 1 && (at < 0 || at >= length)) at = at < 0 ? -at : 2 * (length - 1) - at;
  return length === 1 ? 0 : at;
};

export const slowBlur = (image: Image, sigma: number): Image => {
  const reach = Math.ceil(3 * sigma);
  const bell = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const total = bell.reduce((a, b) => a + b, 0);
  const sides = bell.map((w, i) => (i === reach ? 0 : Math.round((w / total) * 256)));
  const weights = sides.map((w, i) => [i - reach, i === reach ? 256 - sides.reduce((a, b) => a + b, 0) : w] as const);
  const rows = drawn(image, (x, y, c) => filtered(weights, (at) => channelOf(image)(mirrored(x + at, image.width), y, c)));
  return drawn(image, (x, y, c) => filtered(weights, (at) => channelOf(rows)(x, mirrored(y + at, image.height), c)));
};

export const slowFlip = (image: Image): Image => drawn(image, (x, y, c) => channelOf(image)(image.width - 1 - x, y, c));
