import { type Canvas, resizeCanvas, type Scratch } from "./canvas.ts";
import type { Box, Size } from "./image.ts";

/** Weights of one axis: output i reads `taps` inputs from `starts[i]`, with weights that sum to 256. */
interface Axis {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly weights: Int32Array;
}

const one = 256; // 255 * 256 + 128 fits 16 bits, so one 32-bit multiply serves red and blue at once

/**
 * The antialiased triangle filter of PIL: centre (i + 1/2) s, half-width max(s, 1), s = input / output size.
 * Weights are rounded so that their running sums are right to 1/512: they add up to one exactly, at any number of taps.
 */
const axisOf = (input: number, output: number, name: string, scratch: Scratch): Axis => {
  const scale = input / output;
  const support = Math.max(scale, 1);
  const taps = Math.min(input, Math.ceil(2 * support));
  const starts = scratch.words(`${name} starts`, output);
  const weights = scratch.words(`${name} weights`, output * taps);
  for (let i = 0; i < output; i++) {
    const center = (i + 0.5) * scale - 0.5;
    const start = Math.min(Math.max(Math.floor(center - support + 1), 0), input - taps);
    let total = 0;
    for (let k = 0; k < taps; k++) total += Math.max(0, 1 - Math.abs(start + k - center) / support);
    let sum = 0;
    let given = 0;
    for (let k = 0; k < taps; k++) {
      sum += Math.max(0, 1 - Math.abs(start + k - center) / support);
      const upTo = Math.round((sum / total) * one);
      weights[i * taps + k] = upTo - given;
      given = upTo;
    }
    starts[i] = start;
  }
  return { taps, starts, weights };
};

/** Filters one row held as `redBlue` and `green` words into `outRedBlue` and `outGreen` from `offset`. */
const filterRow = (
  axis: Axis,
  redBlue: Int32Array,
  green: Int32Array,
  outRedBlue: Int32Array,
  outGreen: Int32Array,
  offset: number,
  width: number,
): void => {
  const { taps, starts, weights } = axis;
  for (let x = 0; x < width; x++) {
    const start = starts[x] as number;
    let rb = 0x00800080;
    let g = 0x80;
    if (taps === 2) {
      const w0 = weights[2 * x] as number;
      const w1 = weights[2 * x + 1] as number;
      rb += Math.imul(redBlue[start] as number, w0) + Math.imul(redBlue[start + 1] as number, w1);
      g += Math.imul(green[start] as number, w0) + Math.imul(green[start + 1] as number, w1);
    } else {
      for (let k = 0; k < taps; k++) {
        const w = weights[x * taps + k] as number;
        rb = (rb + Math.imul(redBlue[start + k] as number, w)) | 0;
        g += Math.imul(green[start + k] as number, w);
      }
    }
    outRedBlue[offset + x] = (rb >>> 8) & 0xff00ff;
    outGreen[offset + x] = g >>> 8;
  }
};

/** Filters columns: output row y of the canvas from the rows of `redBlue` and `green`, each `width` words. */
const filterColumns = (axis: Axis, redBlue: Int32Array, green: Int32Array, canvas: Canvas): void => {
  const { taps, starts, weights } = axis;
  const { width, height, pixels } = canvas;
  for (let y = 0; y < height; y++) {
    const row = (starts[y] as number) * width;
    const w0 = weights[y * taps] as number;
    const w1 = taps > 1 ? (weights[y * taps + 1] as number) : 0;
    const next = taps > 1 ? row + width : row;
    for (let x = 0; x < width; x++) {
      let rb = 0x00800080 + Math.imul(redBlue[row + x] as number, w0) + Math.imul(redBlue[next + x] as number, w1);
      let g = 0x80 + Math.imul(green[row + x] as number, w0) + Math.imul(green[next + x] as number, w1);
      for (let k = 2; k < taps; k++) {
        const w = weights[y * taps + k] as number;
        rb = (rb + Math.imul(redBlue[row + k * width + x] as number, w)) | 0;
        g += Math.imul(green[row + k * width + x] as number, w);
      }
      pixels[y * width + x] = ((rb >>> 8) & 0xff00ff) | (g & 0xff00);
    }
  }
};

/** Copies a box of bytes into the canvas, at its own size. */
const copyBox = (bytes: Uint8Array, stride: number, box: Box, canvas: Canvas): void => {
  const { pixels } = canvas;
  for (let y = 0; y < box.height; y++) {
    let p = ((box.top + y) * stride + box.left) * 3;
    for (let i = y * box.width; i < (y + 1) * box.width; i++, p += 3) {
      pixels[i] = (bytes[p] as number) | ((bytes[p + 1] as number) << 8) | ((bytes[p + 2] as number) << 16);
    }
  }
};

/**
 * Resizes a box of `bytes` [*, stride, 3] into the canvas: bilinear with antialiasing, rows first, rounded to bytes after each
 * pass. The filter reads nothing outside the box, as a crop followed by a resize does.
 * @see PIL `Image.resize(BILINEAR)` and torchvision `resized_crop(antialias=True)`: same filter, weights of 8 bits instead of 22.
 */
export const resampleBox = (bytes: Uint8Array, stride: number, box: Box, size: Size, canvas: Canvas, scratch: Scratch): void => {
  resizeCanvas(canvas, size.width, size.height);
  if (box.width === size.width && box.height === size.height) {
    copyBox(bytes, stride, box, canvas);
    return;
  }
  const across = axisOf(box.width, size.width, "across", scratch);
  const down = axisOf(box.height, size.height, "down", scratch);
  const rowRedBlue = scratch.words("row red blue", box.width);
  const rowGreen = scratch.words("row green", box.width);
  const redBlue = scratch.words("red blue", box.height * size.width);
  const green = scratch.words("green", box.height * size.width);
  for (let y = 0; y < box.height; y++) {
    let p = ((box.top + y) * stride + box.left) * 3;
    for (let x = 0; x < box.width; x++, p += 3) {
      rowRedBlue[x] = (bytes[p] as number) | ((bytes[p + 2] as number) << 16);
      rowGreen[x] = bytes[p + 1] as number;
    }
    filterRow(across, rowRedBlue, rowGreen, redBlue, green, y * size.width, size.width);
  }
  filterColumns(down, redBlue, green, canvas);
};
