import {
  add,
  batchNormalize,
  columnMoments,
  div,
  type Module,
  mul,
  ones,
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

/**
 * Batch normalisation of columns `x [N, dim]`: the batch's own biased statistics in training, running ones in evaluation.
 * The running variance collects the unbiased estimate, as torch.nn.BatchNorm1d does.
 */
export const batchNorm = (options: BatchNormOptions): Module<Partial<AffineParams>, BatchNormState> => {
  const { dim, affine = true, epsilon = 1e-5, momentum = 0.1 } = options;
  const scaled = ({ scale, shift }: Partial<AffineParams>, x: Tensor): Tensor => (scale && shift ? add(mul(x, scale), shift) : x);
  const follow = (running: Tensor, now: Tensor): Tensor => add(mul(running, 1 - momentum), mul(now, momentum));
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
      const { mean, variance } = columnMoments(stopGradient(x));
      const rows = x.shape[0] as number;
      const unbiased = mul(variance, rows / Math.max(1, rows - 1));
      return {
        out: scaled(params, batchNormalize(x, { epsilon })),
        state: { mean: follow(state.mean, mean), variance: follow(state.variance, unbiased) },
      };
    },
  };
};
