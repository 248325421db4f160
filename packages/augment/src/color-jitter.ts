import { checkOption, type Rng, uniforms } from "@twinview/core";
import { type Canvas, onImage } from "./canvas.ts";
import { brightnessOf, contrastOf, hueOf, saturationOf } from "./color.ts";
import { checkImage, type Image } from "./image.ts";
import { checkProbability } from "./probability.ts";
import type { Transform } from "./transform.ts";

export interface ColorJitterOptions {
  /** Probability that the image is jittered at all. */
  readonly p: number;
  /** Strengths: factors are drawn from [max(0, 1 - s), 1 + s]. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Strength in turns: the shift is drawn from [-hue, hue], hue in [0, 0.5]. */
  readonly hue: number;
}

/** The four changes of colour. */
export type ColorChange = "brightness" | "contrast" | "saturation" | "hue";

/** One draw: a factor for each change (a shift in turns for hue), in the order they are applied. */
export type ColorJitterParams = readonly { readonly change: ColorChange; readonly factor: number }[];

const changes: readonly ColorChange[] = ["brightness", "contrast", "saturation", "hue"];

const changeOf: Readonly<Record<ColorChange, (canvas: Canvas, factor: number) => void>> = {
  brightness: brightnessOf,
  contrast: contrastOf,
  saturation: saturationOf,
  hue: hueOf,
};

/** Applies one draw in place. */
export const jitterOf = (canvas: Canvas, params: ColorJitterParams): void => {
  for (const { change, factor } of params) changeOf[change](canvas, factor);
};

/** Refuses strengths outside their ranges. @throws ShapeError */
export const checkJitter = (where: string, options: ColorJitterOptions): void => {
  checkProbability(where, "jitter.p", options.p);
  for (const name of ["brightness", "contrast", "saturation"] as const) {
    checkOption(where, `jitter.${name}`, options[name], options[name] >= 0 && options[name] <= 10, "a strength in [0, 10]");
  }
  checkOption(where, "jitter.hue", options.hue, options.hue >= 0 && options.hue <= 0.5, "a strength in [0, 0.5]");
};

/** Draws whether to jitter, the four factors and their order; `undefined` when the image is left alone. */
export const sampleJitter = (rng: Rng, options: ColorJitterOptions): ColorJitterParams | undefined => {
  const uniform = uniforms(rng);
  if (uniform() >= options.p) return undefined;
  const params: ColorJitterParams[number][] = [];
  for (const change of changes) {
    const strength = options[change];
    const u = uniform();
    if (strength === 0) continue;
    const low = change === "hue" ? -strength : Math.max(0, 1 - strength);
    const high = change === "hue" ? strength : 1 + strength;
    params.push({ change, factor: low + (high - low) * u });
  }
  for (let i = params.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    const kept = params[i] as ColorJitterParams[number];
    params[i] = params[j] as ColorJitterParams[number];
    params[j] = kept;
  }
  return params;
};

/**
 * Changes brightness, contrast, saturation and hue by random factors in random order, with probability `p`.
 * @throws ShapeError when a strength is outside its range.
 * @see torchvision `RandomApply([ColorJitter(..)], p)`.
 */
export const colorJitter = (options: ColorJitterOptions): Transform<ColorJitterParams | undefined> => {
  checkJitter("colorJitter", options);
  return {
    name: "jitter",
    sample: (rng) => sampleJitter(rng, options),
    apply: (image, params) => (params === undefined ? image : onImage(image, (canvas) => jitterOf(canvas, params))),
  };
};

const adjust = (name: string, change: ColorChange) => (image: Image, factor: number) => {
  checkImage(name, image);
  checkOption(name, "factor", factor, factor >= 0 && Number.isFinite(factor), "a number >= 0");
  return onImage(image, (canvas) => changeOf[change](canvas, factor));
};

/** The image with every channel multiplied by `factor` >= 0. */
export const adjustBrightness: (image: Image, factor: number) => Image = adjust("adjustBrightness", "brightness");

/** The image blended with its mean luma: 0 is flat gray, 1 the image, above 1 more contrast. */
export const adjustContrast: (image: Image, factor: number) => Image = adjust("adjustContrast", "contrast");

/** The image blended with its own gray version: 0 is gray, 1 the image, above 1 more colour. */
export const adjustSaturation: (image: Image, factor: number) => Image = adjust("adjustSaturation", "saturation");
