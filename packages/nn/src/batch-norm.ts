import {
  add,
  batchNormalize,
  columnMoments,
  div,
  type Module,
  mul,
  normalizeChannels,
  ones,
  reshape,
  rowMoments,
  sqrt,
  stopGradient,
  sub,
  type Tensor,
  zeros,
} from "@twinview/core";
import type { AffineParams } from "./layer-norm.ts";

export interface BatchNormOptions {
  readonly dim: number;
  /** Whether a learned scale and shift follow. */
  readonly affine?: boolean;
  readonly epsilon?: number;
  /** The weight of the new batch in the running statistics, as in torch. */
  readonly momentum?: number;
}

export interface BatchNormState {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Running statistics after one more batch of `count` numbers a channel; the variance collects the unbiased estimate, as in torch. */
const followed = (
  state: BatchNormState,
  { mean, variance }: BatchNormState,
  { momentum, count }: { readonly momentum: number; readonly count: number },
): BatchNormState => {
  const follow = (running: Tensor, now: Tensor): Tensor => add(mul(running, 1 - momentum), mul(now, momentum));
  return { mean: follow(state.mean, mean), variance: follow(state.variance, mul(variance, count / Math.max(1, count - 1))) };
};

/**
 * Batch normalisation of columns `x [N, dim]`: the batch's own biased statistics in training, running ones in evaluation.
 * The running variance collects the unbiased estimate, as torch.nn.BatchNorm1d does.
 */
export const batchNorm = (options: BatchNormOptions): Module<Partial<AffineParams>, BatchNormState> => {
  const { dim, affine = true, epsilon = 1e-5, momentum = 0.1 } = options;
  const scaled = ({ scale, shift }: Partial<AffineParams>, x: Tensor): Tensor => (scale && shift ? add(mul(x, scale), shift) : x);
  return {
    init: () => ({
      params: affine ? { scale: ones([dim]), shift: zeros([dim]) } : {},
      state: { mean: zeros([dim]), variance: ones([dim]) },
    }),
    apply: ({ params, state }, x, ctx) => {
      if (!ctx.train) {
        const normal = div(sub(x, state.mean), sqrt(add(state.variance, epsilon)));
        return { out: scaled(params, normal), state };
      }
      return {
        out: scaled(params, batchNormalize(x, { epsilon })),
        state: followed(state, columnMoments(stopGradient(x)), { momentum, count: x.shape[0] as number }),
      };
    },
  };
};

export interface ChannelNormOptions {
  readonly dim: number;
  /** What the learned scale starts at: 1, or 0 for the last norm of a residual branch. */
  readonly scale?: 0 | 1;
  readonly epsilon?: number;
  /** The weight of the new batch in the running statistics, as in torch. */
  readonly momentum?: number;
}

/**
 * Batch normalisation of the channels of images `x [dim, B, H, W]` over batch, rows and columns: torch.nn.BatchNorm2d, statistics
 * kept as `batchNorm` keeps them.
 */
export const channelNorm = ({
  dim,
  scale = 1,
  epsilon = 1e-5,
  momentum = 0.1,
}: ChannelNormOptions): Module<AffineParams, BatchNormState> => ({
  init: () => ({
    params: { scale: scale === 1 ? ones([dim]) : zeros([dim]), shift: zeros([dim]) },
    state: { mean: zeros([dim]), variance: ones([dim]) },
  }),
  apply: ({ params, state }, x, ctx) => {
    const count = x.shape.slice(1).reduce((product, length) => product * length, 1);
    const rows = reshape(x, [dim, count]);
    if (!ctx.train) {
      const factor = div(params.scale, sqrt(add(state.variance, epsilon)));
      const offset = sub(params.shift, mul(state.mean, factor));
      return { out: reshape(add(mul(rows, reshape(factor, [dim, 1])), reshape(offset, [dim, 1])), x.shape), state };
    }
    return {
      out: reshape(normalizeChannels(rows, params.scale, params.shift, { epsilon }), x.shape),
      state: followed(state, rowMoments(stopGradient(rows)), { momentum, count }),
    };
  },
});
