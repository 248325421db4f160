import { add, type Module, relu, scope, split, type Tensor } from "@twinview/core";
import {
  type AffineParams,
  type BatchNormState,
  type ConvNormLayer,
  type ConvNormParams,
  type ConvNormState,
  type ConvolutionParams,
  channelNorm,
  convNorms,
  convolution,
} from "@twinview/nn";

export type BlockParams = ConvNormParams & { readonly downsample?: { readonly conv: ConvolutionParams; readonly bn: AffineParams } };
export type BlockState = ConvNormState & { readonly downsample?: { readonly bn: BatchNormState } };

export interface BlockOptions {
  readonly in: number;
  /** Channels of the block's 3 x 3 convolutions; a bottleneck gives four times as many. */
  readonly width: number;
  readonly stride: number;
  readonly bottleneck: boolean;
  /** Whether the last norm's scale starts at 0, so that the block starts as its shortcut. */
  readonly zeroResidual: boolean;
}

/** How many channels a block of a width gives. */
export const outOf = ({ width, bottleneck }: Pick<BlockOptions, "width" | "bottleneck">): number => (bottleneck ? 4 : 1) * width;

const layersOf = (options: BlockOptions): readonly ConvNormLayer[] => {
  const { in: from, width, stride, bottleneck, zeroResidual } = options;
  const scale = zeroResidual ? 0 : 1;
  return bottleneck
    ? [
        { in: from, out: width, kernel: 1 },
        { in: width, out: width, kernel: 3, stride },
        { in: width, out: 4 * width, kernel: 1, scale },
      ]
    : [
        { in: from, out: width, kernel: 3, stride },
        { in: width, out: width, kernel: 3, scale },
      ];
};

/**
 * A residual block: `relu(convolutions(x) + shortcut(x))`. Shapes: `[in, B, H, W]` to `[out, B, H / stride, W / stride]`.
 * The shortcut is a strided 1 x 1 convolution with norm where the shape changes. A bottleneck strides in its 3 x 3 convolution, as
 * torchvision's does and the paper's does not.
 * @see He et al., arXiv 1512.03385, figure 5; torchvision resnet.py, BasicBlock and Bottleneck.
 */
export const block = (options: BlockOptions): Module<BlockParams, BlockState> => {
  const { in: from, stride } = options;
  const out = outOf(options);
  const main = convNorms(layersOf(options));
  const shortcut =
    stride !== 1 || from !== out ? { conv: convolution({ in: from, out, kernel: 1, stride }), bn: channelNorm({ dim: out }) } : undefined;
  return {
    init: (rng) => {
      const keys = split(rng, ["main", "downsample"]);
      const { params, state } = main.init(keys.main);
      if (shortcut === undefined) return { params, state };
      const norm = shortcut.bn.init(keys.downsample);
      return {
        params: { ...params, downsample: { conv: shortcut.conv.init(keys.downsample).params, bn: norm.params } },
        state: { ...state, downsample: { bn: norm.state } },
      };
    },
    apply: ({ params, state }, x, ctx) => {
      const { out: residual, state: after } = main.apply({ params, state }, x, ctx);
      if (shortcut === undefined || params.downsample === undefined || state.downsample === undefined)
        return { out: relu(add(residual, x)), state: after };
      const { conv, bn } = params.downsample;
      const y: Tensor = scope("downsample/conv", () => shortcut.conv.apply({ params: conv, state: null }, x, ctx).out);
      const before = state.downsample.bn;
      const step = scope("downsample/bn", () => shortcut.bn.apply({ params: bn, state: before }, y, ctx));
      return { out: relu(add(residual, step.out)), state: { ...after, downsample: { bn: step.state } } };
    },
  };
};
