import { constant, type Encoder, scope, type Tensor, type Tree, type Vars } from "@twinview/core";
import { imagenetPixels, normalizePixels, type PixelStats } from "./encode.ts";

/**
 * Features in evaluation mode of images `[B, S, S, 3]` with pixels 0..255: what kNN and probes look at. Result `[B, dim]`.
 * An encoder with batch norm uses the running statistics in `vars.state`.
 */
export const features = <P, S>(
  encoder: Encoder<P, S>,
  vars: Vars<Tree<Tensor>, Tree<Tensor>>,
  images: Tensor,
  { pixels = imagenetPixels }: { readonly pixels?: PixelStats } = {},
): Tensor => {
  const normal = normalizePixels(images, pixels, (values) => constant(values, [values.length]));
  return scope("features", () => encoder.apply(vars as Vars<P, S>, normal, { train: false, hyper: {} }).out);
};
