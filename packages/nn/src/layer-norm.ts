import { type Module, layerNorm as normalizeRows, ones, type Tensor, zeros } from "@twinview/core";

export interface AffineParams {
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** Layer normalisation of rows `x [N, dim]` with learned scale and shift; epsilon 1e-6 as in ViT. */
export const layerNorm = ({ dim, epsilon = 1e-6 }: { readonly dim: number; readonly epsilon?: number }): Module<AffineParams, null> => ({
  init: () => ({ params: { scale: ones([dim]), shift: zeros([dim]) }, state: null }),
  apply: ({ params }, x) => ({ out: normalizeRows(x, params.scale, params.shift, { epsilon }), state: null }),
});
