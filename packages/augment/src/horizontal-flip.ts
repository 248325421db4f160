import { uniforms } from "@twinview/core";
import { toCanvas, writeBytes } from "./canvas.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

/** The image mirrored left to right. */
export const flipHorizontally = (image: Image): Image => {
  checkImage("flipHorizontally", image);
  const data = new Uint8Array(image.data.length);
  writeBytes(toCanvas(image), data, { flip: true });
  return { width: image.width, height: image.height, data };
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
