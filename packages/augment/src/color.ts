import type { Canvas } from "./canvas.ts";

/** Luma of ITU-R 601 as PIL rounds it: (19595 r + 38470 g + 7471 b + 2^15) / 2^16, in 0..255. */
export const lumaOf = (pixel: number): number =>
  (19595 * (pixel & 255) + 38470 * ((pixel >>> 8) & 255) + 7471 * (pixel >>> 16) + 0x8000) >>> 16;

const clamp = (value: number): number => Math.max(0, Math.min(255, value));

/** Maps every channel of every pixel through a table of 256 bytes. */
const mapChannels = (canvas: Canvas, table: Uint8Array): void => {
  const { pixels } = canvas;
  const length = canvas.width * canvas.height;
  for (let i = 0; i < length; i++) {
    const pixel = pixels[i] as number;
    const red = table[pixel & 255] as number;
    const green = table[(pixel >>> 8) & 255] as number;
    const blue = table[(pixel >>> 16) & 255] as number;
    pixels[i] = red | (green << 8) | (blue << 16);
  }
};

/** Blends every channel with one gray level: gray + factor (x - gray), clamped, cut to a whole number as PIL does. */
const blendWithLevel = (canvas: Canvas, level: number, factor: number): void => {
  const table = new Uint8Array(256);
  for (let x = 0; x < 256; x++) table[x] = clamp(level + factor * (x - level));
  mapChannels(canvas, table);
};

/** x -> factor x. In place. */
export const brightnessOf = (canvas: Canvas, factor: number): void => blendWithLevel(canvas, 0, factor);

/** x -> m + factor (x - m), m the mean luma of the image, rounded. In place. */
export const contrastOf = (canvas: Canvas, factor: number): void => {
  const length = canvas.width * canvas.height;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += lumaOf(canvas.pixels[i] as number);
  blendWithLevel(canvas, Math.floor(sum / length + 0.5), factor);
};

/** x -> y + factor (x - y), y the luma of the pixel. In place. */
export const saturationOf = (canvas: Canvas, factor: number): void => {
  const { pixels } = canvas;
  const length = canvas.width * canvas.height;
  const scaled = Math.round(factor * 65536);
  for (let i = 0; i < length; i++) {
    const pixel = pixels[i] as number;
    const gray = lumaOf(pixel);
    const red = ((gray << 16) + Math.imul(scaled, (pixel & 255) - gray)) >> 16;
    const green = ((gray << 16) + Math.imul(scaled, ((pixel >>> 8) & 255) - gray)) >> 16;
    const blue = ((gray << 16) + Math.imul(scaled, (pixel >>> 16) - gray)) >> 16;
    pixels[i] = clamp(red) | (clamp(green) << 8) | (clamp(blue) << 16);
  }
};

/** Every pixel replaced by its luma. In place. */
export const grayOf = (canvas: Canvas): void => {
  const { pixels } = canvas;
  const length = canvas.width * canvas.height;
  for (let i = 0; i < length; i++) pixels[i] = Math.imul(lumaOf(pixels[i] as number), 0x010101);
};

/** Channels at or above the threshold inverted: x -> 255 - x. In place. */
export const solarizeOf = (canvas: Canvas, threshold: number): void => {
  const table = new Uint8Array(256);
  for (let x = 0; x < 256; x++) table[x] = x < threshold ? x : 255 - x;
  mapChannels(canvas, table);
};
