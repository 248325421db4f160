import type { ViewOptions } from "./view.ts";

export interface AsymmetricPairOptions {
  /** Side of both views, in pixels. */
  readonly size: number;
  /** Range of the crop's share of the area. Default [0.08, 1], MoCo v3's for ViT; it uses [0.2, 1] for ResNet-50. */
  readonly scale?: readonly [number, number];
  /** Factor on the probabilities of blur: 1 as published, 0 for small images. Default 1. */
  readonly blur?: number;
}

/**
 * The two views of BYOL and MoCo v3: the first always blurred, the second rarely blurred and sometimes solarized.
 *
 *     crop scale, flip .5, jitter p .8 of .4/.4/.2/.1, grayscale .2, blur sigma [.1, 2] p 1 | .1, solarize p 0 | .2
 *
 * Blur is measured in pixels of the view: on views much smaller than 224 pixels it hides more of the image than the papers'
 * does, and small-image recipes leave it out (`blur: 0`).
 * @see Grill et al., BYOL, arXiv 2006.07733, appendix B; Chen, Xie, He, MoCo v3, arXiv 2104.02057.
 */
export const asymmetricPair = ({ size, scale = [0.08, 1], blur = 1 }: AsymmetricPairOptions): readonly [ViewOptions, ViewOptions] => {
  const shared = {
    size,
    scale,
    flip: 0.5,
    jitter: { p: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    grayscale: 0.2,
  } as const;
  return [
    { ...shared, blur: { p: blur, sigma: [0.1, 2] }, solarize: { p: 0, threshold: 128 } },
    { ...shared, blur: { p: 0.1 * blur, sigma: [0.1, 2] }, solarize: { p: 0.2, threshold: 128 } },
  ];
};
