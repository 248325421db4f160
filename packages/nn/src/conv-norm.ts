import { type Ctx, type Rng, relu, scope, split, type Tensor, type Vars } from "@twinview/core";
import { type BatchNormState, channelNorm } from "./batch-norm.ts";
import { type ConvolutionLayerOptions, type ConvolutionParams, convolution } from "./convolution.ts";
import type { AffineParams } from "./layer-norm.ts";

/** Parameters of convolutions `conv1`, `conv2`, ... and the norms behind them. */
export type ConvNormParams = {
  readonly [conv: `conv${number}`]: ConvolutionParams;
  readonly [bn: `bn${number}`]: AffineParams;
};
export type ConvNormState = { readonly [bn: `bn${number}`]: BatchNormState };

/** One convolution of a chain. */
export interface ConvNormLayer extends ConvolutionLayerOptions {
  /** What the norm's scale starts at. */
  readonly scale?: 0 | 1;
}

/** A chain of convolutions, each batch-normalised, ReLU between them and none behind the last. Images are `[C, B, H, W]`. */
export const convNorms = (layers: readonly ConvNormLayer[]) => {
  const parts = layers.map((layer, i) => ({
    conv: `conv${i + 1}` as const,
    bn: `bn${i + 1}` as const,
    convolve: convolution(layer),
    normalize: channelNorm({ dim: layer.out, scale: layer.scale ?? 1 }),
  }));
  return {
    init: (rng: Rng): Vars<ConvNormParams, ConvNormState> => {
      const keys = split(
        rng,
        parts.map(({ conv }) => conv),
      ) as Readonly<Record<string, Rng>>;
      const vars = parts.map(({ conv, bn, convolve, normalize }) => {
        const key = keys[conv] as Rng;
        const norm = normalize.init(key);
        return { params: { [conv]: convolve.init(key).params, [bn]: norm.params }, state: { [bn]: norm.state } };
      });
      return {
        params: Object.assign({}, ...vars.map(({ params }) => params)) as ConvNormParams,
        state: Object.assign({}, ...vars.map(({ state }) => state)) as ConvNormState,
      };
    },
    apply: ({ params, state }: Vars<ConvNormParams, ConvNormState>, x: Tensor, ctx: Ctx) => {
      let out = x;
      const after: Record<string, BatchNormState> = {};
      for (const [i, { conv, bn, convolve, normalize }] of parts.entries()) {
        const input = i === 0 ? out : relu(out);
        const y = scope(conv, () => convolve.apply({ params: params[conv] as ConvolutionParams, state: null }, input, ctx).out);
        const step = scope(bn, () => normalize.apply({ params: params[bn] as AffineParams, state: state[bn] as BatchNormState }, y, ctx));
        out = step.out;
        after[bn] = step.state;
      }
      return { out, state: after as ConvNormState };
    },
  };
};
