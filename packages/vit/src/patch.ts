import { type Module, reshape, type Tensor, transpose } from "@twinview/core";
import { type LinearParams, linear, xavierBound } from "@twinview/nn";

/** Cuts images into rows of pixels: `[B, S, S, 3]` to `[B G^2, P P 3]`, G = S / P, pixels in order row, column, channel. */
export const patchRows = (images: Tensor, patch: number): Tensor => {
  const [batch, size, , channels] = images.shape as readonly [number, number, number, number];
  const grid = size / patch;
  const split = reshape(images, [batch, grid, patch, grid, patch * channels]);
  return reshape(transpose(split, [0, 1, 3, 2, 4]), [batch * grid * grid, patch * patch * channels]);
};

/**
 * The patch projection: a linear map of each patch, which is a convolution of stride and kernel `patch`.
 * Weights start Xavier-uniform with the fan of the patch's pixels (moco-v3 vits.py). Result `[B G^2, dim]`.
 */
export const patchProjection = ({ patch, dim }: { readonly patch: number; readonly dim: number }): Module<LinearParams, null> => {
  const pixels = patch * patch * 3;
  const project = linear({ in: pixels, out: dim, bound: xavierBound(pixels, dim) });
  return { init: project.init, apply: (vars, images, ctx) => project.apply(vars, patchRows(images, patch), ctx) };
};
