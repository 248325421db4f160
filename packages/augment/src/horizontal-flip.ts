import { uniforms } from "@twinview/core";
import { toCanvas, toImage } from "./canvas.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

/** The image mirrored left to right. */
export const flipHorizontally = (image: Image): Image => {
  checkImage("flipHorizontally", image);
  return toImage(toCanvas(image), { flip: true });
};

/**
 * Mirrors the image left to right with probability `p`.
 * @throws ShapeError when p is outside [0, 1].
 */
export const horizontalFlip = ({ p }: { readonly p: number }): Transform<boolean> => {
  checkProbability("horizontalFlip", "p", p);
  return {
    name: "flip",
    sample: (rng) => uniforms(rng)() < p,
    apply: (image, flip) => (flip ? flipHorizontally(image) : image),
  };
};
