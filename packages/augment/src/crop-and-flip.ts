import type { ViewOptions } from "./view.ts";

/**
 * A random resized crop and a flip, no change of colours: the augmentation of learning with labels and of linear probes.
 * @see moco-v3 main_lincls.py
 */
export const cropAndFlip = ({ size, smallestCrop = 0.08 }: { readonly size: number; readonly smallestCrop?: number }): ViewOptions => ({
  size,
  scale: [smallestCrop, 1],
  flip: 0.5,
  jitter: { p: 0, brightness: 0, contrast: 0, saturation: 0, hue: 0 },
  grayscale: 0,
  blur: { p: 0, sigma: [0.1, 2] },
  solarize: { p: 0, threshold: 128 },
});
