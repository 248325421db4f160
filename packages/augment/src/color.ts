import { areaOf, type Canvas } from "./canvas.ts";

// Blends are computed in single precision and cut to whole numbers, as PIL's `Image.blend` does.

/** x -> factor x. In place. */
export const brightnessOf = (canvas: Canvas, factor: number): void => canvas.kernels.loops.blend(canvas.at, areaOf(canvas), 0, factor);

/** x -> m + factor (x - m), m the mean luma of the image, rounded. In place. */
export const contrastOf = (canvas: Canvas, factor: number): void => {
  const { loops } = canvas.kernels;
  const area = areaOf(canvas);
  const level = Math.floor(loops.lumaSum(canvas.at, area) / area + 0.5);
  loops.blend(canvas.at, area, level, factor);
};

/** x -> y + factor (x - y), y the luma of the pixel. In place. */
export const saturationOf = (canvas: Canvas, factor: number): void => canvas.kernels.loops.saturate(canvas.at, areaOf(canvas), factor);

/** Every pixel replaced by its luma, (19595 r + 38470 g + 7471 b + 2^15) / 2^16. In place. */
export const grayOf = (canvas: Canvas): void => canvas.kernels.loops.gray(canvas.at, areaOf(canvas));

/** Channels at or above the threshold inverted: x -> 255 - x. In place. */
export const solarizeOf = (canvas: Canvas, threshold: number): void =>
  canvas.kernels.loops.solarize(canvas.at, areaOf(canvas), Math.ceil(threshold));

/**
 * Turns the hue of every pixel by `shift` of a full circle, to 2^-16 of a sixth, keeping the largest and the smallest channel.
 * PIL rounds hue and saturation to bytes on the way (an error of up to 3 levels); this does not. In place.
 */
export const hueOf = (canvas: Canvas, shift: number): void => {
  const circle = 6 * 65536;
  const turn = Math.round(circle * (shift - Math.floor(shift))) % circle;
  canvas.kernels.loops.turnHue(canvas.at, areaOf(canvas), turn);
};
