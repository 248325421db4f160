import type { Rng } from "./rng.ts";
import type { Scalar, Tensor } from "./tensor.ts";

/** Scalars fed at each step, one for each schedule. */
export type Hyper<H extends string> = { readonly [K in H]: Scalar };

/** What a module or a loss may ask of the step it runs in. */
export interface Ctx<H extends string = never> {
  readonly train: boolean;
  readonly hyper: Hyper<H>;
}

/** The two trees of a module: parameters get gradients, state (running statistics) does not. */
export interface Vars<P, S> {
  readonly params: P;
  readonly state: S;
}

/** A layer or a whole encoder: a pair of pure functions with its trees passed in and out. */
export interface Module<P, S, X = Tensor, Y = Tensor> {
  readonly init: (rng: Rng) => Vars<P, S>;
  readonly apply: (vars: Vars<P, S>, x: X, ctx: Ctx) => { readonly out: Y; readonly state: S };
}

export type ParamsOf<M> = M extends { readonly init: (rng: Rng) => Vars<infer P, infer _S> } ? P : never;
export type StateOf<M> = M extends { readonly init: (rng: Rng) => Vars<infer _P, infer S> } ? S : never;

/** A module from normalised images `[B, S, S, 3]` to features `[B, dim]`. */
export interface Encoder<P = unknown, S = unknown> extends Module<P, S> {
  readonly apply: (
    vars: Vars<P, S>,
    x: Tensor,
    ctx: Ctx,
  ) => {
    readonly out: Tensor;
    readonly state: S;
    /** Outputs of layers on the way, by name, for monitors: `[B, ...]`, or maps `[C, B, H, W]`. */
    readonly activations?: Readonly<Record<string, Tensor>>;
  };
  readonly name: string;
  readonly dim: number;
  /** Whether the parameter at a path keeps its random initial value: it gets neither gradient nor weight decay. */
  readonly frozen: (path: string) => boolean;
  /**
   * Whether a training pass mixes the images of its batch, as batch norm does. Then the method decides which views share a batch,
   * and batches are not cut into pieces for speed.
   */
  readonly mixesImages?: boolean;
}
