import type { Rng, Tensor } from "@twinview/core";

/** A head is stateless: its batch norms use the batch's own statistics, and running averages would never be read. */
export interface Head<P> {
  readonly init: (rng: Rng) => P;
  readonly apply: (params: P, x: Tensor) => Tensor;
}

/** The head that does nothing and has no parameters: a predictor left out. */
export const identity: Head<Readonly<Record<never, never>>> = { init: () => ({}), apply: (_, x) => x };
