import { checkOption, type Rng, uniforms } from "@twinview/core";
import { type Canvas, onImage, scratchOf } from "./canvas.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

export interface GaussianBlurOptions {
  readonly p: number;
  /** Range the standard deviation is drawn from, in pixels of the view. Default [0.1, 2]. */
  readonly sigma?: readonly [number, number];
}

export const defaultSigma: readonly [number, number] = [0.1, 2];

const one = 256;

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

/** Blurs a canvas in place with standard deviation `sigma` in pixels, both axes, mirrored at the border. */
export const blurOf = (canvas: Canvas, sigma: number): void => {
  const kernel = kernelOf(sigma);
  const reach = kernel.length - 1;
  if (reach === 0) return;
  const { width, height, kernels, at } = canvas;
  const { loops } = kernels;
  const [weights, line, rows, half] = scratchOf(canvas, [2 * kernel.length, 4 * (width + 2 * reach), 8 * reach, 4 * width * height]);
  new Uint16Array(kernels.bytesTo(0).buffer, weights, kernel.length).set(kernel);
  loops.blurRows(at, height, width, weights, reach, line, half);
  loops.blurColumns(half, height, width, weights, reach, rows, at);
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
  return onImage(image, (canvas) => blurOf(canvas, sigma));
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
