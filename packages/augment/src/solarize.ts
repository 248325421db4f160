import { checkOption, uniforms } from "@twinview/core";
import { onImage } from "./canvas.ts";
import { solarizeOf } from "./color.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

export interface SolarizeOptions {
  readonly p: number;
  /** Channels at or above it are inverted, 0..256. Default 128. */
  readonly threshold?: number;
}

/** Refuses a threshold outside 0..256. @throws ShapeError */
export const checkSolarize = (where: string, { p, threshold = 128 }: SolarizeOptions): void => {
  checkProbability(where, "solarize.p", p);
  checkOption(where, "solarize.threshold", threshold, threshold >= 0 && threshold <= 256, "a level in 0..256");
};

/** The image with every channel at or above `threshold` inverted. */
export const solarizeImage = (image: Image, threshold = 128): Image => {
  checkImage("solarizeImage", image);
  return onImage(image, (canvas) => solarizeOf(canvas, threshold));
};

/**
 * Inverts channels at or above a threshold with probability `p`.
 * @throws ShapeError when an option is outside its range.
 * @see torchvision `RandomSolarize`; BYOL uses threshold 128 with p 0.2 on the second view.
 */
export const solarize = (options: SolarizeOptions): Transform<boolean> => {
  checkSolarize("solarize", options);
  return {
    name: "solarize",
    sample: (rng) => uniforms(rng)() < options.p,
    apply: (image, invert) => (invert ? solarizeImage(image, options.threshold) : image),
  };
};
