import { uniforms } from "@twinview/core";
import { onImage } from "./canvas.ts";
import { grayOf } from "./color.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

/** The image with its three channels replaced by the luma (ITU-R 601). */
export const toGrayscale = (image: Image): Image => {
  checkImage("toGrayscale", image);
  return onImage(image, grayOf);
};

/**
 * Takes the colour away with probability `p`; the image keeps three channels.
 * @throws ShapeError when p is outside [0, 1].
 */
export const grayscale = ({ p }: { readonly p: number }): Transform<boolean> => {
  checkProbability("grayscale", "p", p);
  return {
    name: "grayscale",
    sample: (rng) => uniforms(rng)() < p,
    apply: (image, gray) => (gray ? toGrayscale(image) : image),
  };
};
