import type { Tensor, Tree } from "@twinview/core";

export type TensorTree = Tree<Tensor>;

/** The parameters of one network. */
export interface Network {
  readonly encoder: TensorTree;
  readonly heads: TensorTree;
}

/** Everything a run carries from step to step. `target` is null for methods without a moving average. */
export interface TrainingState {
  readonly online: Network;
  readonly target: Network | null;
  /** The encoders' own state, running statistics of batch norms: null for encoders that have none. No gradient, no average. */
  readonly statistics: { readonly online: TensorTree; readonly target: TensorTree };
  readonly optimizer: TensorTree;
  readonly carried: TensorTree;
}
