import { checkOption } from "@twinview/core";
import type { ViewOptions } from "./view.ts";

export interface DistortedViewsOptions {
  /** Side of the views, in pixels. */
  readonly size: number;
  /** How many views, all of one kind. Default 2. */
  readonly count?: number;
  /** Strength s of the colour jitter. Default 1, ImageNet's; SimCLR uses .5 on CIFAR. */
  readonly strength?: number;
  /** Range of the crop's share of the area. Default [0.08, 1]. */
  readonly scale?: readonly [number, number];
  /** Factor on the probability of blur: 1 as published for ImageNet, 0 for small images. Default 1. */
  readonly blur?: number;
}

/**
 * SimCLR's views, all drawn alike, also the colours of SwAV's crops:
 *
 *     crop scale, flip .5, jitter p .8 of .8 s/.8 s/.8 s/.2 s, grayscale .2, blur sigma [.1, 2] p .5
 *
 * @throws ShapeError if there is no view, or the strength is outside [0, 1.25], where the jitter of hue would leave its range.
 * @see Chen et al., SimCLR, arXiv 2002.05709, appendix A (and B.9 for CIFAR); Caron et al., SwAV, arXiv 2006.09882, appendix A.
 */
export const distortedViews = ({
  size,
  count = 2,
  strength = 1,
  scale = [0.08, 1],
  blur = 1,
}: DistortedViewsOptions): readonly ViewOptions[] => {
  checkOption("distortedViews", "count", count, Number.isInteger(count) && count >= 1, "a whole number, at least 1");
  checkOption("distortedViews", "strength", strength, strength >= 0 && strength <= 1.25, "a number in [0, 1.25]");
  const jitter = { p: 0.8, brightness: 0.8 * strength, contrast: 0.8 * strength, saturation: 0.8 * strength, hue: 0.2 * strength };
  const view: ViewOptions = {
    size,
    scale,
    flip: 0.5,
    jitter,
    grayscale: 0.2,
    blur: { p: 0.5 * blur, sigma: [0.1, 2] },
    solarize: { p: 0, threshold: 128 },
  };
  return Array.from({ length: count }, () => view);
};
