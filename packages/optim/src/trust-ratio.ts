import { add, div, mapTree, mul, ones, type Scalar, sqrt, square, sum, type Tensor, where, zeros } from "@twinview/core";
import type { ParameterMask } from "./masks.ts";
import type { Transform } from "./transform.ts";

/** The Euclidean norm of a tensor. */
export const normOf = (x: Tensor): Scalar => sqrt(sum(square(x)));

/** `yes` where both norms are above 0, `no` where one is 0. */
const whereBoth = (parameter: Scalar, update: Scalar, yes: Scalar, no: Scalar): Scalar => where(parameter, where(update, yes, no), no);

export interface TrustRatioOptions {
  /** The trust coefficient. */
  readonly trust?: number;
  /** Parameters that are scaled; the others pass unchanged. All when absent. */
  readonly mask?: ParameterMask;
}

/**
 * Layer-wise scaling: each tensor's update times `trust |p| / |u|`, times 1 where either norm is 0. After weight decay it is the
 * ratio of LARS in moco-v3, BYOL and SimCLR; after Adam and weight decay, with trust 1, that of LAMB.
 * @see You et al., arXiv 1708.03888, algorithm 1; You et al., LAMB, arXiv 1904.00962, algorithm 2.
 */
export const scaleByTrustRatio = ({ trust = 1, mask = () => true }: TrustRatioOptions = {}): Transform<null> => ({
  init: () => null,
  update: ({ updates, params }) => ({
    updates: mapTree<Tensor, Tensor>(
      (u, path, p) => {
        if (!mask(path, u.shape)) return u;
        const [parameter, update] = [normOf(p as Tensor), normOf(u)];
        return mul(u, whereBoth(parameter, update, div(mul(parameter, trust), update), ones([])));
      },
      updates,
      params,
    ),
    state: null,
  }),
  hyper: [],
});

/**
 * The layer-wise scaling of apex's LARC without clipping, weight decay inside:
 *
 *     u = trust |p| / (|g| + wd |p| + epsilon) * (g + wd p),  or u = g where |p| or |g| is 0
 *
 * The norms are taken before the decay is added, and a tensor without gradient does not decay: neither can be had from
 * `addDecayedWeights` and `scaleByTrustRatio` in a row.
 * @see NVIDIA apex, parallel/LARC.py, which SwAV and VISSL use; lightly's LARS is the same for tensors that decay.
 */
export const scaleByLarc = <H extends string>(
  decay: H,
  { trust = 1e-3, epsilon = 1e-8, mask = () => true }: TrustRatioOptions & { readonly epsilon?: number } = {},
): Transform<null, H> => ({
  init: () => null,
  update: ({ updates, params, hyper }) => {
    const wd = hyper[decay] as Scalar;
    const scaled = (g: Tensor, p: Tensor): Tensor => {
      const [parameter, gradient] = [normOf(p), normOf(g)];
      const whole = add(add(gradient, mul(parameter, wd)), epsilon);
      const ratio = whereBoth(parameter, gradient, div(mul(parameter, trust), whole), ones([]));
      const decays = whereBoth(parameter, gradient, wd, zeros([]));
      return mul(add(g, mul(p, decays)), ratio);
    };
    return {
      updates: mapTree<Tensor, Tensor>((g, path, p) => (mask(path, g.shape) ? scaled(g, p as Tensor) : g), updates, params),
      state: null,
    };
  },
  hyper: [decay],
});
