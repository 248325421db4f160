import { checkOption, type Rng, uniforms } from "@twinview/core";
import { type Canvas, onImage, type Scratch, scratch } from "./canvas.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

export interface GaussianBlurOptions {
  readonly p: number;
  /** Range the standard deviation is drawn from, in pixels of the view. Default [0.1, 2]. */
  readonly sigma?: readonly [number, number];
}

export const defaultSigma: readonly [number, number] = [0.1, 2];

// A pixel travels as one double with three lanes of 16 bits, red, blue, green: a byte times weights that sum to 2^8 fits a lane
// and three lanes fit the 53 exact bits, so one multiply-add serves three channels. At rest a pixel is stored as 2^52 + lanes:
// then the lanes are the low bits of the double and are read and written as two 32-bit words.
const one = 256;
const rest = 2 ** 52;
const restWord = 0x43300000;
const half = 128 * (1 + 2 ** 16 + 2 ** 32);
const lowWord = new Uint32Array(new Float64Array([rest]).buffer)[1] === restWord ? 0 : 1;
const highWord = 1 - lowWord;

/** Right half of the kernel, w(k) ~ exp(-k^2 / 2 sigma^2) up to 3 sigma, in units of 1/256; both halves sum to 256. */
const kernelOf = (sigma: number): Float64Array => {
  const radius = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: radius + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, w, k) => sum + (k === 0 ? w : 2 * w), 0);
  let given = 0;
  let reach = 0;
  for (let k = radius; k > 0; k--) {
    const w = Math.round(((weights[k] as number) / total) * one);
    if (w > 0 && reach === 0) reach = k;
    weights[k] = w;
    given += 2 * w;
  }
  weights[0] = one - given;
  return weights.subarray(0, reach + 1);
};

/** Index i of an axis of that length with its ends mirrored, the end itself not repeated: -1 is 1. */
const reflect = (i: number, length: number): number => {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((i % period) + period) % period;
  return inside < length ? inside : period - inside;
};

/** Filters every row of `from` [rows, columns] and writes the sums as a column of `to` [columns, rows]. */
const blurRows = (from: Float64Array, to: Float64Array, rows: number, columns: number, kernel: Float64Array, line: Float64Array): void => {
  const reach = kernel.length - 1;
  const center = kernel[0] as number;
  for (let y = 0; y < rows; y++) {
    const start = y * columns;
    for (let x = 0; x < columns; x++) line[reach + x] = (from[start + x] as number) - rest;
    for (let x = 1; x <= reach; x++) {
      line[reach - x] = (from[start + reflect(-x, columns)] as number) - rest;
      line[reach + columns - 1 + x] = (from[start + reflect(columns - 1 + x, columns)] as number) - rest;
    }
    for (let x = 0; x < columns; x++) {
      const at = reach + x;
      let sum = half + center * (line[at] as number);
      for (let k = 1; k <= reach; k++) sum += (kernel[k] as number) * ((line[at - k] as number) + (line[at + k] as number));
      to[x * rows + y] = sum + rest;
    }
  }
};

/** Divides every lane by 256: sums become bytes again. */
const toBytes = (words: Uint32Array): void => {
  for (let i = 0; i < words.length; i += 2) {
    words[i + lowWord] = ((words[i + lowWord] as number) >>> 8) & 0xff00ff;
    words[i + highWord] = restWord | (((words[i + highWord] as number) >>> 8) & 255);
  }
};

/** Blurs a canvas in place with standard deviation `sigma` in pixels, both axes, mirrored at the border. */
export const blurOf = (canvas: Canvas, sigma: number, scratch: Scratch): void => {
  const kernel = kernelOf(sigma);
  const reach = kernel.length - 1;
  if (reach === 0) return;
  const { width, height, pixels } = canvas;
  const length = width * height;
  const a = scratch.doubles("blur a", length);
  const b = scratch.doubles("blur b", length);
  const wordsOfA = new Uint32Array(a.buffer, 0, 2 * length);
  const line = scratch.doubles("blur line", Math.max(width, height) + 2 * reach);
  for (let i = 0; i < length; i++) {
    const pixel = pixels[i] as number;
    wordsOfA[2 * i + lowWord] = pixel & 0xff00ff;
    wordsOfA[2 * i + highWord] = restWord | ((pixel >>> 8) & 255);
  }
  blurRows(a, b, height, width, kernel, line);
  toBytes(new Uint32Array(b.buffer, 0, 2 * length));
  blurRows(b, a, width, height, kernel, line);
  for (let i = 0; i < length; i++) {
    pixels[i] = (((wordsOfA[2 * i + lowWord] as number) >>> 8) & 0xff00ff) | ((wordsOfA[2 * i + highWord] as number) & 0xff00);
  }
};

/** Refuses a range of sigma that is empty or negative. @throws ShapeError */
export const checkBlur = (where: string, { p, sigma = defaultSigma }: GaussianBlurOptions): void => {
  checkProbability(where, "blur.p", p);
  const fits = sigma[0] >= 0.01 && sigma[0] <= sigma[1] && sigma[1] <= 100;
  checkOption(where, "blur.sigma", `[${sigma.join(", ")}]`, fits, "[smallest, largest] in [0.01, 100] pixels");
};

/** Draws whether to blur and how far; `undefined` when the image is left alone. */
export const sampleBlur = (rng: Rng, { p, sigma = defaultSigma }: GaussianBlurOptions): number | undefined => {
  const uniform = uniforms(rng);
  return uniform() < p ? sigma[0] + (sigma[1] - sigma[0]) * uniform() : undefined;
};

/** The image blurred by a Gaussian of standard deviation `sigma` pixels, cut at 3 sigma, mirrored at the border. */
export const blurImage = (image: Image, sigma: number): Image => {
  checkImage("blurImage", image);
  checkBlur("blurImage", { p: 1, sigma: [sigma, sigma] });
  return onImage(image, (canvas) => blurOf(canvas, sigma, scratch()));
};

/**
 * Blurs with probability `p` by a Gaussian of random width.
 * @throws ShapeError when an option is outside its range.
 * @see torchvision `GaussianBlur(kernel_size, sigma)`, with a kernel wide enough not to cut: MoCo v3 and BYOL draw sigma from [0.1, 2].
 */
export const gaussianBlur = (options: GaussianBlurOptions): Transform<number | undefined> => {
  checkBlur("gaussianBlur", options);
  return {
    name: "blur",
    sample: (rng) => sampleBlur(rng, options),
    apply: (image, sigma) => (sigma === undefined ? image : blurImage(image, sigma)),
  };
};
