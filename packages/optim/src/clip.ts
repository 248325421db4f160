import {
  add,
  checkOption,
  div,
  type Hyper,
  leaves,
  mapTree,
  maximum,
  mul,
  type Scalar,
  sqrt,
  square,
  sum,
  type Tensor,
} from "@twinview/core";
import type { ParameterMask } from "./masks.ts";
import type { TensorTree, Transform } from "./transform.ts";

/** The Euclidean norm of all numbers of a tree. */
export const globalNorm = (tree: TensorTree): Scalar =>
  sqrt(
    leaves<Tensor>(tree)
      .map(([, leaf]) => sum(square(leaf)))
      .reduce((a, b) => add(a, b)),
  );

/**
 * Scales all updates by one number so that their global norm is at most `norm`: `u * min(1, norm / (|u| + 1e-6))`.
 * @throws ShapeError if `norm` is not above 0.
 * @see Pascanu et al., arXiv 1211.5063, algorithm 1; torch.nn.utils.clip_grad_norm_, whose 1e-6 this is.
 */
export const clipByGlobalNorm = (norm: number): Transform<null> => {
  checkOption("clipByGlobalNorm", "norm", norm, norm > 0, "a number above 0");
  return {
    init: () => null,
    update: ({ updates }) => {
      const factor = div(1, maximum(div(add(globalNorm(updates), 1e-6), norm), 1));
      return { updates: mapTree<Tensor, Tensor>((u) => mul(u, factor), updates), state: null };
    },
    hyper: [],
  };
};

export interface AdaptiveClipOptions {
  /** The largest ratio of an update's norm to its parameters' norm, lambda in the paper. */
  readonly ratio?: number;
  /** Parameters smaller than this count as this large, so that zeros can move. */
  readonly floor?: number;
  /** Parameters that are clipped; the paper leaves out the last linear layer. All when absent. */
  readonly mask?: ParameterMask;
}

/** The axes of one output unit's weights: rows of a linear layer `[in, out]`, all but the first axis of a convolution `[O, C, K, K]`. */
const unitAxes = (rank: number): readonly number[] => (rank <= 2 ? [0].slice(0, rank) : Array.from({ length: rank - 1 }, (_, i) => i + 1));

const unitNorms = (x: Tensor): Tensor =>
  x.shape.length === 0 ? sqrt(square(x)) : sqrt(sum(square(x), { axes: unitAxes(x.shape.length), keepDims: true }));

/**
 * Adaptive gradient clipping: the update of each output unit is at most `ratio` times as long as the unit's own weights,
 * `u_i * min(1, ratio max(|w_i|, floor) / |u_i|)`. Vectors count as one unit.
 * @throws ShapeError if `ratio` or `floor` is not above 0.
 * @see Brock et al., arXiv 2102.06171, equation 3; defaults as in its code.
 */
export const clipAdaptively = ({ ratio = 0.01, floor = 1e-3, mask = () => true }: AdaptiveClipOptions = {}): Transform<null> => {
  checkOption("clipAdaptively", "ratio", ratio, ratio > 0, "a number above 0");
  checkOption("clipAdaptively", "floor", floor, floor > 0, "a number above 0");
  const clipped = (u: Tensor, p: Tensor): Tensor => {
    const most = mul(maximum(unitNorms(p), floor), ratio);
    return div(u, maximum(div(unitNorms(u), most), 1));
  };
  return {
    init: () => null,
    update: ({ updates, params }) => ({
      updates: mapTree<Tensor, Tensor>((u, path, p) => (mask(path, u.shape) ? clipped(u, p as Tensor) : u), updates, params),
      state: null,
    }),
    hyper: [],
  };
};

/**
 * An optimizer whose gradients pass a clipping first. The clipping has no state, so that of the optimizer keeps its place: a
 * checkpoint is the same with and without.
 */
export const clippedBy = <S, H extends string>(clip: Transform<null>, optimizer: Transform<S, H>): Transform<S, H> => ({
  ...optimizer,
  update: ({ updates, state, params, hyper }) => {
    const clipped = clip.update({ updates, state: null, params, hyper: {} as Hyper<never> }).updates;
    return optimizer.update({ updates: clipped, state, params, hyper });
  },
});
