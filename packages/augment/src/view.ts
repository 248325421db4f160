import { checkOption, fold, type Rng, uniforms } from "@twinview/core";
import { writeBytes } from "./canvas.ts";
import { grayOf, solarizeOf } from "./color.ts";
import { type ColorJitterOptions, type ColorJitterParams, checkJitter, jitterOf, sampleJitter } from "./color-jitter.ts";
import { blurOf, checkBlur, type GaussianBlurOptions, sampleBlur } from "./gaussian-blur.ts";
import { type Box, bytesOf, checkBox, checkImage, type Image, type Size } from "./image.ts";
import { checkProbability } from "./probability.ts";
import { checkCrop, defaultRatio, sampleCrop } from "./random-resized-crop.ts";
import { resampleBox } from "./resample.ts";
import { checkSolarize, type SolarizeOptions } from "./solarize.ts";

/** One kind of view, as plain data: it can be sent to a worker thread and written into a run's config. */
export interface ViewOptions {
  /** Side of the square view, in pixels. */
  readonly size: number;
  /** Range of the crop's share of the image area. */
  readonly scale: readonly [number, number];
  /** Range of the crop's width over height. Default [3/4, 4/3]. */
  readonly ratio?: readonly [number, number];
  /** Probability of a mirror image. */
  readonly flip: number;
  readonly jitter: ColorJitterOptions;
  /** Probability of losing all colour. */
  readonly grayscale: number;
  readonly blur: GaussianBlurOptions;
  readonly solarize: SolarizeOptions;
}

/** One draw of a view, plain data. */
export interface ViewParams {
  readonly crop: Box;
  readonly jitter: ColorJitterParams | undefined;
  readonly grayscale: boolean;
  /** Standard deviation in pixels, or undefined for a sharp view. */
  readonly blur: number | undefined;
  readonly solarize: boolean;
  readonly flip: boolean;
}

/** A view: `render` is `sample` followed by `apply`. `out` receives the bytes [size, size, 3] when it is given. */
export interface View {
  readonly options: ViewOptions;
  readonly sample: (rng: Rng, size: Size) => ViewParams;
  readonly apply: (image: Image, params: ViewParams, out?: Uint8Array) => Image;
  readonly render: (image: Image, rng: Rng, out?: Uint8Array) => Image;
}

const checkView = (options: ViewOptions): void => {
  checkCrop("view", options.size, options.scale, options.ratio ?? defaultRatio);
  checkJitter("view", options.jitter);
  checkProbability("view", "grayscale", options.grayscale);
  checkProbability("view", "flip", options.flip);
  checkBlur("view", options.blur);
  checkSolarize("view", options.solarize);
};

const happens = (rng: Rng, name: string, p: number): boolean => p > 0 && uniforms(fold(rng, name))() < p;

const sampleView = (options: ViewOptions, rng: Rng, size: Size): ViewParams => ({
  crop: sampleCrop(fold(rng, "crop"), size, options.scale, options.ratio ?? defaultRatio),
  jitter: sampleJitter(fold(rng, "jitter"), options.jitter),
  grayscale: happens(rng, "grayscale", options.grayscale),
  blur: sampleBlur(fold(rng, "blur"), options.blur),
  solarize: happens(rng, "solarize", options.solarize.p),
  flip: happens(rng, "flip", options.flip),
});

/**
 * Composes the transforms into one view: crop, jitter, grayscale, blur, solarize, flip. Each transform draws from its own key,
 * so switching one off leaves the draws of the others as they were. Bytes in, bytes out: normalisation belongs to the graph.
 * @throws ShapeError when an option is outside its range; when an image, a box or `out` does not fit.
 * @see Chen, Xie, He, MoCo v3, arXiv 2104.02057: order and strengths of its reference implementation.
 */
export const view = (options: ViewOptions): View => {
  checkView(options);
  const size: Size = { width: options.size, height: options.size };
  const bytes = options.size * options.size * 3;
  const threshold = options.solarize.threshold ?? 128;
  const sample = (rng: Rng, image: Size): ViewParams => sampleView(options, rng, image);
  const apply = (image: Image, params: ViewParams, out: Uint8Array = new Uint8Array(bytes)): Image => {
    checkImage("view", image);
    checkBox("view", params.crop, image);
    checkOption("view", "out.length", out.length, out.length === bytes, `${bytes} bytes`);
    const canvas = resampleBox(bytesOf(image), image.width, params.crop, size);
    if (params.jitter !== undefined) jitterOf(canvas, params.jitter);
    if (params.grayscale) grayOf(canvas);
    if (params.blur !== undefined) blurOf(canvas, params.blur);
    if (params.solarize) solarizeOf(canvas, threshold);
    writeBytes(canvas, out, params);
    return { width: options.size, height: options.size, data: out };
  };
  return { options, sample, apply, render: (image, rng, out) => apply(image, sample(rng, image), out) };
};
