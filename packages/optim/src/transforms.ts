import { add, div, mapTree, mul, type Scalar, sqrt, square, type Tensor, zeros } from "@twinview/core";
import type { TensorTree, Transform } from "./transform.ts";

const zerosLike = (params: TensorTree): TensorTree => mapTree<Tensor, Tensor>((leaf) => zeros(leaf.shape), params);

export interface AdamState {
  /** `sum_i b1^i g(t - i)`: the first moment without its factor 1 - b1. */
  readonly mu: TensorTree;
  /** `sum_i b2^i g(t - i)^2`: the second moment without its factor 1 - b2. */
  readonly nu: TensorTree;
  /** `(1 - b1^t) / (1 - b1)`. */
  readonly weight1: Scalar;
  /** `(1 - b2^t) / (1 - b2)`. */
  readonly weight2: Scalar;
}

export interface AdamOptions {
  readonly b1?: number;
  readonly b2?: number;
  readonly epsilon?: number;
}

/**
 * Rescales gradients by running moments: `u = m / (sqrt(v) + epsilon)`, m and v with bias correction.
 * Moments are kept as plain decayed sums and divided by the sums of their weights, which is the same number: two passes over
 * the parameters less, and the corrections stay exact in float32 (1 - b2^t would lose four digits at the first steps).
 * @see Kingma and Ba, arXiv 1412.6980, algorithm 1; defaults of torch.optim.AdamW.
 */
export const scaleByAdam = ({ b1 = 0.9, b2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Transform<AdamState> => ({
  init: (params) => ({ mu: zerosLike(params), nu: zerosLike(params), weight1: zeros([]), weight2: zeros([]) }),
  update: ({ updates, state }) => {
    const mu = mapTree<Tensor, Tensor>((g, _, m) => add(mul(m as Tensor, b1), g), updates, state.mu);
    const nu = mapTree<Tensor, Tensor>((g, _, n) => add(mul(n as Tensor, b2), square(g)), updates, state.nu);
    const weight1 = add(mul(state.weight1, b1), 1);
    const weight2 = add(mul(state.weight2, b2), 1);
    // (mu / w1) / (sqrt(nu / w2) + epsilon), with the scalars gathered
    const root = sqrt(weight2);
    const factor = div(root, weight1);
    const floor = mul(root, epsilon);
    const scaled = mapTree<Tensor, Tensor>((m, _, n) => mul(div(m, add(sqrt(n as Tensor), floor)), factor), mu, nu);
    return { updates: scaled, state: { mu, nu, weight1, weight2 } };
  },
  hyper: [],
});

export interface TraceState {
  readonly velocity: TensorTree;
}

/** Momentum: `v = decay v + g`, `u = v`, or `u = g + decay v` with Nesterov. @see torch.optim.SGD. */
export const trace = ({ decay, nesterov = false }: { readonly decay: number; readonly nesterov?: boolean }): Transform<TraceState> => ({
  init: (params) => ({ velocity: zerosLike(params) }),
  update: ({ updates, state }) => {
    const velocity = mapTree<Tensor, Tensor>((g, _, v) => add(mul(v as Tensor, decay), g), updates, state.velocity);
    const ahead = nesterov ? mapTree<Tensor, Tensor>((g, _, v) => add(g, mul(v as Tensor, decay)), updates, velocity) : velocity;
    return { updates: ahead, state: { velocity } };
  },
  hyper: [],
});

/** Adds `hyper * params` to the updates where `mask` holds (everywhere when absent). @see Loshchilov and Hutter, arXiv 1711.05101. */
export const addDecayedWeights = <H extends string>(
  name: H,
  { mask = () => true }: { readonly mask?: (path: string, shape: readonly number[]) => boolean } = {},
): Transform<null, H> => ({
  init: () => null,
  update: ({ updates, params, hyper }) => ({
    updates: mapTree<Tensor, Tensor>(
      (u, path, p) => (mask(path, u.shape) ? add(u, mul(p as Tensor, hyper[name] as Scalar)) : u),
      updates,
      params,
    ),
    state: null,
  }),
  hyper: [name],
});

/** Multiplies the updates by a scalar that has a schedule, `-lr` with `sign: -1`. */
export const scaleBy = <H extends string>(name: H, { sign = 1 }: { readonly sign?: 1 | -1 } = {}): Transform<null, H> => ({
  init: () => null,
  update: ({ updates, hyper }) => {
    const factor = mul(hyper[name] as Scalar, sign);
    return { updates: mapTree<Tensor, Tensor>((u) => mul(u, factor), updates), state: null };
  },
  hyper: [name],
});

/** `params + updates`, leaf by leaf. */
export const applyUpdates = (params: TensorTree, updates: TensorTree): TensorTree =>
  mapTree<Tensor, Tensor>((p, _, u) => add(p, u as Tensor), params, updates);
