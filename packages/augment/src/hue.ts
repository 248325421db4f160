import { type Canvas, onImage } from "./canvas.ts";
import { checkImage, type Image } from "./image.ts";

const inverse = Float64Array.from({ length: 256 }, (_, chroma) => (chroma === 0 ? 0 : 1 / chroma));

/**
 * Turns the hue of every pixel by `shift` of a full circle, keeping the largest and the smallest channel. In place.
 * With c = max - min and hue h in [0, 6): one channel stays max, one stays min, the third is min + c f or max - c f, f = h mod 1.
 * PIL rounds hue and saturation to bytes on the way (an error of up to 3 levels); this does not.
 */
export const hueOf = (canvas: Canvas, shift: number): void => {
  const { pixels } = canvas;
  const length = canvas.width * canvas.height;
  const turn = 6 * (shift - Math.floor(shift));
  for (let i = 0; i < length; i++) {
    const pixel = pixels[i] as number;
    const red = pixel & 255;
    const green = (pixel >>> 8) & 255;
    const blue = (pixel >>> 16) & 255;
    const max = Math.max(red, green, blue);
    const min = Math.min(red, green, blue);
    const chroma = max - min;
    if (chroma === 0) continue;
    const scale = inverse[chroma] as number;
    let hue = turn + (max === red ? (green - blue) * scale : max === green ? 2 + (blue - red) * scale : 4 + (red - green) * scale);
    if (hue < 0) hue += 6;
    else if (hue >= 6) hue -= 6;
    const sector = hue | 0;
    const part = (chroma * (hue - sector) + 0.5) | 0;
    const rising = min + part;
    const falling = max - part;
    if (sector === 0 || sector === 6) pixels[i] = max | (rising << 8) | (min << 16);
    else if (sector === 1) pixels[i] = falling | (max << 8) | (min << 16);
    else if (sector === 2) pixels[i] = min | (max << 8) | (rising << 16);
    else if (sector === 3) pixels[i] = min | (falling << 8) | (max << 16);
    else if (sector === 4) pixels[i] = rising | (min << 8) | (max << 16);
    else pixels[i] = max | (min << 8) | (falling << 16);
  }
};

/** The image with its hue turned by `shift` of a full circle, in [-0.5, 0.5]. */
export const adjustHue = (image: Image, shift: number): Image => {
  checkImage("adjustHue", image);
  return onImage(image, (canvas) => hueOf(canvas, shift));
};
