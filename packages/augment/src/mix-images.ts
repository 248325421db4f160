import { checkOption, fold, type Rng, uniforms } from "@twinview/core";

/** A batch of images as bytes `[count, side, side, 3]`; mixing changes them in place. */
export interface ImageBatch {
  readonly count: number;
  readonly side: number;
  readonly pixels: Uint8Array;
}

/** A draw from Beta(alpha, alpha) by Jöhnk's method. @see Jöhnk, Metrika 8 (1964). */
export const sampleBeta = (rng: Rng, alpha: number): number => {
  checkOption("sampleBeta", "alpha", alpha, alpha > 0, "a number above 0");
  const uniform = uniforms(rng);
  for (;;) {
    const [x, y] = [uniform() ** (1 / alpha), uniform() ** (1 / alpha)];
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
};

const sizeOf = ({ count, side, pixels }: ImageBatch): number => {
  const bytes = side * side * 3;
  checkOption("mixImages", "pixels.length", pixels.length, pixels.length === count * bytes, `${count * bytes} bytes`);
  return bytes;
};

/**
 * Mixes each image with that at the opposite end of the batch: `x_i = share x_i + (1 - share) x_(B - 1 - i)`, rounded to bytes.
 * @see Zhang et al., mixup, arXiv 1710.09412; partners as in timm's Mixup.
 */
export const mixup = (batch: ImageBatch, share: number): void => {
  const bytes = sizeOf(batch);
  const { count, pixels } = batch;
  for (let i = 0; i < count >> 1; i++) {
    const [a, b] = [i * bytes, (count - 1 - i) * bytes];
    for (let k = 0; k < bytes; k++) {
      const [x, y] = [pixels[a + k] as number, pixels[b + k] as number];
      pixels[a + k] = Math.round(share * x + (1 - share) * y);
      pixels[b + k] = Math.round(share * y + (1 - share) * x);
    }
  }
};

/** A box of pixels within a square image. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const clamp = (x: number, side: number): number => Math.max(0, Math.min(side, Math.round(x)));

/** The box of CutMix for a share: a square of area `1 - share` around a point of the image, cut at its edges. */
export const cutmixBox = (rng: Rng, side: number, share: number): PixelBox => {
  const uniform = uniforms(rng);
  const half = (side * Math.sqrt(1 - share)) / 2;
  const [row, column] = [uniform() * side, uniform() * side];
  const [top, left] = [clamp(row - half, side), clamp(column - half, side)];
  return { top, left, height: clamp(row + half, side) - top, width: clamp(column + half, side) - left };
};

/**
 * Puts a box of the image at the opposite end of the batch into each image; gives the share of its own pixels that an image keeps.
 * @see Yun et al., CutMix, arXiv 1905.04899; partners as in timm's Mixup.
 */
export const cutmix = (batch: ImageBatch, { top, left, height, width }: PixelBox): number => {
  const bytes = sizeOf(batch);
  const { count, side, pixels } = batch;
  for (let i = 0; i < count >> 1; i++)
    for (let row = top; row < top + height; row++) {
      const at = (row * side + left) * 3;
      const [a, b] = [i * bytes + at, (count - 1 - i) * bytes + at];
      const kept = pixels.slice(a, a + width * 3);
      pixels.copyWithin(a, b, b + width * 3);
      pixels.set(kept, b);
    }
  return 1 - (height * width) / (side * side);
};

/**
 * Erases a box of some images, each with probability `p`: 2 % to a third of the area, sides in a ratio of 0.3 to 3.3, filled with
 * random bytes. Image i draws from the key folded with i.
 * @see Zhong et al., Random Erasing, arXiv 1708.04896; ranges of its section 4, and of timm's RandomErasing, mode "pixel".
 */
export const randomErasing = (batch: ImageBatch, p: number, rng: Rng): void => {
  checkOption("randomErasing", "p", p, p >= 0 && p <= 1, "a number in [0, 1]");
  const bytes = sizeOf(batch);
  const { count, side, pixels } = batch;
  for (let i = 0; i < count; i++) {
    const uniform = uniforms(fold(rng, i));
    if (uniform() >= p) continue;
    const area = (0.02 + uniform() * (1 / 3 - 0.02)) * side * side;
    const ratio = Math.exp((2 * uniform() - 1) * Math.log(3.3));
    const height = Math.min(side, Math.max(1, Math.round(Math.sqrt(area * ratio))));
    const width = Math.min(side, Math.max(1, Math.round(Math.sqrt(area / ratio))));
    const [top, left] = [Math.floor(uniform() * (side - height + 1)), Math.floor(uniform() * (side - width + 1))];
    for (let row = top; row < top + height; row++)
      for (let k = 0; k < width * 3; k++) pixels[i * bytes + (row * side + left) * 3 + k] = Math.floor(uniform() * 256);
  }
};
