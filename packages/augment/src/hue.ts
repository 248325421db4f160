import { onImage } from "./canvas.ts";
import { hueOf } from "./color.ts";
import { checkImage, type Image } from "./image.ts";

/** The image with its hue turned by `shift` of a full circle, in [-0.5, 0.5]. */
export const adjustHue = (image: Image, shift: number): Image => {
  checkImage("adjustHue", image);
  return onImage(image, (canvas) => hueOf(canvas, shift));
};
