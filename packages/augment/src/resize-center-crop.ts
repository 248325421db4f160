import { checkOption } from "@twinview/core";
import { writeBytes } from "./canvas.ts";
import { type Box, bytesOf, checkImage, type Image, type Size } from "./image.ts";
import { resampleBox } from "./resample.ts";

export interface ResizeCenterCropOptions {
  /** Side of the square view, in pixels. */
  readonly size: number;
  /** Length of the shorter side after resizing. Default: `size`; ImageNet's habit is size x 256 / 224. */
  readonly shorterSide?: number;
}

/** Size after the shorter side became `side`; the longer side is cut to a whole number, as torchvision does. */
export const resizedSize = ({ width, height }: Size, side: number): Size =>
  width <= height
    ? { width: side, height: Math.floor((side * height) / width) }
    : { width: Math.floor((side * width) / height), height: side };

/** Half of a whole number, rounded to the even neighbour as Python does: a crop that cannot be central then sits as torchvision's. */
const halfOf = (n: number): number => {
  const down = Math.floor(n / 2);
  return n % 2 === 0 || down % 2 === 0 ? down : down + 1;
};

/** Corner of the central square of `size` pixels. */
const cornerOf = ({ width, height }: Size, size: number): { readonly left: number; readonly top: number } => ({
  left: halfOf(width - size),
  top: halfOf(height - size),
});

/**
 * The clean view for evaluation: shorter side resized (bilinear, antialiased), then the central square. An image of that size
 * already comes back unchanged.
 * @returns a function from an image, and optionally the bytes [size, size, 3] to write into, to the view.
 * @throws ShapeError when an option is outside its range.
 * @see torchvision `Resize(shorterSide)` and `CenterCrop(size)`.
 */
export const resizeCenterCrop = ({ size, shorterSide = size }: ResizeCenterCropOptions): ((image: Image, out?: Uint8Array) => Image) => {
  checkOption("resizeCenterCrop", "size", size, Number.isInteger(size) && size > 0, "a whole number of pixels, at least 1");
  const fits = Number.isInteger(shorterSide) && shorterSide >= size;
  checkOption("resizeCenterCrop", "shorterSide", shorterSide, fits, `a whole number of pixels, at least size (${size})`);
  return (image, out: Uint8Array = new Uint8Array(size * size * 3)) => {
    checkImage("resizeCenterCrop", image);
    const whole: Box = { left: 0, top: 0, width: image.width, height: image.height };
    const resized = resampleBox(bytesOf(image), image.width, whole, resizedSize(image, shorterSide));
    writeBytes(resized, out, { part: { ...cornerOf(resized, size), size } });
    return { width: size, height: size, data: out };
  };
};
