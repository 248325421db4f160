import { checkOption, type Rng, uniforms } from "@twinview/core";
import { toImage } from "./canvas.ts";
import { type Box, bytesOf, checkBox, checkImage, type Image, type Size } from "./image.ts";
import { resampleBox } from "./resample.ts";
import type { Transform } from "./transform.ts";

export interface RandomResizedCropOptions {
  /** Side of the square view, in pixels. */
  readonly size: number;
  /** Range of the crop's share of the image area, each in (0, 1]. Default [0.08, 1]. */
  readonly scale?: readonly [number, number];
  /** Range of the crop's width over height, drawn log-uniformly. Default [3/4, 4/3]. */
  readonly ratio?: readonly [number, number];
}

/**
 * Draws a crop: area A u(scale), ratio exp(u(log ratio)), place uniform; ten tries, then the largest central box of an allowed ratio.
 * @see torchvision `RandomResizedCrop.get_params`.
 */
export const sampleCrop = (rng: Rng, image: Size, scale: readonly [number, number], ratio: readonly [number, number]): Box => {
  const uniform = uniforms(rng);
  const { width, height } = image;
  const [logMin, logMax] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * (scale[0] + (scale[1] - scale[0]) * uniform());
    const aspect = Math.exp(logMin + (logMax - logMin) * uniform());
    const w = Math.round(Math.sqrt(area * aspect));
    const h = Math.round(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = Math.floor(uniform() * (height - h + 1));
      const left = Math.floor(uniform() * (width - w + 1));
      return { left, top, width: w, height: h };
    }
  }
  const aspect = width / height;
  const w = aspect > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const h = aspect < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  return { left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h };
};

/**
 * Cuts a box out of an image and resizes it: bilinear, antialiased.
 * @throws ShapeError when the box leaves the image.
 */
export const resizedCrop = (image: Image, box: Box, size: Size): Image => {
  checkImage("resizedCrop", image);
  checkBox("resizedCrop", box, image);
  return toImage(resampleBox(bytesOf(image), image.width, box, size));
};

/** Refuses ranges a crop cannot be drawn from. @throws ShapeError */
export const checkCrop = (where: string, size: number, scale: readonly [number, number], ratio: readonly [number, number]): void => {
  checkOption(where, "size", size, Number.isInteger(size) && size > 0, "a whole number of pixels, at least 1");
  const scaleFits = scale[0] > 0 && scale[0] <= scale[1] && scale[1] <= 1;
  checkOption(where, "scale", `[${scale.join(", ")}]`, scaleFits, "[smallest, largest] share of the area, in (0, 1]");
  const ratioFits = ratio[0] > 0 && ratio[0] <= ratio[1] && Number.isFinite(ratio[1]);
  checkOption(where, "ratio", `[${ratio.join(", ")}]`, ratioFits, "[smallest, largest] width over height, above 0");
};

export const defaultScale: readonly [number, number] = [0.08, 1];
export const defaultRatio: readonly [number, number] = [3 / 4, 4 / 3];

/**
 * A random crop resized to `size` x `size`: the transform every method here starts with.
 * @throws ShapeError when an option is outside its range.
 * @see torchvision `RandomResizedCrop`.
 */
export const randomResizedCrop = ({ size, scale = defaultScale, ratio = defaultRatio }: RandomResizedCropOptions): Transform<Box> => {
  checkCrop("randomResizedCrop", size, scale, ratio);
  return {
    name: "crop",
    sample: (rng, image) => sampleCrop(rng, image, scale, ratio),
    apply: (image, box) => resizedCrop(image, box, { width: size, height: size }),
  };
};
