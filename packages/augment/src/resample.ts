import { type Canvas, openCanvas, scratchOf } from "./canvas.ts";
import type { Box, Size } from "./image.ts";

const wordBytes = 8; // four words of 16 bits a pixel or weight
const rounded = (count: number): number => (count + 3) & ~3;

/**
 * Resizes a box of `bytes` [*, stride, 3] into the canvas of this thread: bilinear with antialiasing, rows first, rounded to bytes
 * after each pass. The filter reads nothing outside the box, as a crop followed by a resize does.
 * @see PIL `Image.resize(BILINEAR)` and torchvision `resized_crop(antialias=True)`: same filter, weights of 8 bits instead of 22.
 */
export const resampleBox = (bytes: Uint8Array, stride: number, box: Box, size: Size): Canvas => {
  const canvas = openCanvas(size);
  const { kernels, at } = canvas;
  const { loops } = kernels;
  const rowBytes = 3 * stride;
  const first = box.top * rowBytes + 3 * box.left;
  const length = (box.height - 1) * rowBytes + 3 * box.width; // whole rows in one copy: a copy for each row costs more
  const same = box.width === size.width && box.height === size.height;
  const tableOf = (input: number, output: number): number => (same ? 0 : wordBytes * rounded(output) * loops.tapsOf(input, output));
  const [source, acrossStarts, acrossWeights, downStarts, downWeights, line, middle] = scratchOf(canvas, [
    length,
    4 * rounded(size.width),
    tableOf(box.width, size.width),
    4 * rounded(size.height),
    tableOf(box.height, size.height),
    wordBytes * rounded(box.width),
    same ? 0 : 4 * box.height * size.width,
  ]);
  kernels.bytesTo(0).set(bytes.subarray(first, first + length), source);
  if (same) {
    loops.unpack(source, rowBytes, box.height, box.width, at);
    return canvas;
  }
  loops.axis(box.width, size.width, acrossStarts, acrossWeights);
  loops.axis(box.height, size.height, downStarts, downWeights);
  loops.across(source, rowBytes, box.height, box.width, size.width, acrossStarts, acrossWeights, line, middle);
  loops.down(middle, box.height, size.height, size.width, downStarts, downWeights, at);
  return canvas;
};
