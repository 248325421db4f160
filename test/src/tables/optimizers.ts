import type { Scalar } from "@twinview/core";
import {
  adamw,
  chain,
  clipAdaptively,
  clipByGlobalNorm,
  clippedBy,
  decayMatrices,
  lamb,
  larc,
  lars,
  larsClassic,
  sgd,
  type TensorTree,
  type Transform,
} from "@twinview/optim";
import { type SlowOptimizer, slowAdamw, slowAdaptiveClip, slowLamb, slowLarc, slowLars, slowSgd } from "@twinview/testkit";

/** One optimizer with its slow twin; state of any structure, so its type is dropped. */
export interface OptimizerRow {
  readonly name: string;
  readonly optimizer: Transform<unknown, string>;
  /** Scalars it is tested with; `lr` is multiplied by a number that changes from step to step. */
  readonly hyper: Readonly<Record<string, number>>;
  /** Torch's or the paper's formula in float64, written differently; its state lives inside. */
  readonly slow: () => SlowOptimizer;
  /** How it gets to the bottom of a quadratic bowl from distance 1: the first rate of a cosine to 0, and the number of steps. */
  readonly bowl: { readonly lr: number; readonly steps: number };
}

const row = <S, H extends string>(
  name: string,
  optimizer: Transform<S, H>,
  options: {
    readonly hyper: { readonly [K in H]: number };
    readonly slow: () => SlowOptimizer;
    readonly bowl: OptimizerRow["bowl"];
  },
): OptimizerRow => ({
  name,
  ...options,
  optimizer: {
    init: optimizer.init,
    update: ({ state, ...rest }: { updates: TensorTree; state: unknown; params: TensorTree; hyper: Readonly<Record<string, Scalar>> }) =>
      optimizer.update({ ...rest, state: state as S, hyper: rest.hyper as never }),
    hyper: optimizer.hyper,
  },
});

/**
 * Every optimizer of the library: add a row for a new one and it is held to the laws of conformance/optimizers.test.ts and
 * compared on every engine.
 */
export const optimizers: readonly OptimizerRow[] = [
  row("adamw", adamw(), { hyper: { lr: 0.01, wd: 0.1 }, slow: () => slowAdamw(), bowl: { lr: 0.1, steps: 150 } }),
  row("adamw, decay of matrices only", adamw({ mask: decayMatrices }), {
    hyper: { lr: 0.01, wd: 0.1 },
    slow: () => slowAdamw({ decays: (_, shape) => shape.length > 1 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("adamw, other betas", adamw({ b1: 0.8, b2: 0.95, epsilon: 1e-3 }), {
    hyper: { lr: 0.02, wd: 0.05 },
    slow: () => slowAdamw({ b1: 0.8, b2: 0.95, epsilon: 1e-3 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("sgd", sgd(), { hyper: { lr: 0.05, wd: 0.1 }, slow: () => slowSgd({ momentum: 0.9 }), bowl: { lr: 0.1, steps: 150 } }),
  row("sgd, no momentum", sgd({ momentum: 0 }), {
    hyper: { lr: 0.05, wd: 0.1 },
    slow: () => slowSgd({ momentum: 0 }),
    bowl: { lr: 0.5, steps: 150 },
  }),
  row("sgd, Nesterov", sgd({ momentum: 0.9, nesterov: true, mask: decayMatrices }), {
    hyper: { lr: 0.05, wd: 0.1 },
    slow: () => slowSgd({ momentum: 0.9, nesterov: true, decays: (_, shape) => shape.length > 1 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("lars", lars({ trust: 0.1 }), {
    hyper: { lr: 0.1, wd: 0.1 },
    slow: () => slowLars({ trust: 0.1 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("lars, the rate inside the momentum", larsClassic({ trust: 0.1, mask: decayMatrices }), {
    hyper: { lr: 0.1, wd: 0.1 },
    slow: () => slowLars({ trust: 0.1, classic: true }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("larc", larc({ trust: 0.1 }), { hyper: { lr: 0.1, wd: 0.1 }, slow: () => slowLarc({ trust: 0.1 }), bowl: { lr: 0.3, steps: 150 } }),
  row("lamb", lamb(), { hyper: { lr: 0.01, wd: 0.1 }, slow: () => slowLamb(), bowl: { lr: 0.1, steps: 150 } }),
  row("sgd, clipped where nothing is to clip", chain({ norm: clipByGlobalNorm(1e3), units: clipAdaptively({ ratio: 1e6 }), sgd: sgd() }), {
    hyper: { lr: 0.05, wd: 0.1 },
    slow: () => slowSgd({ momentum: 0.9 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("adamw, each unit clipped", clippedBy(clipAdaptively({ ratio: 0.3 }), adamw()), {
    hyper: { lr: 0.01, wd: 0.1 },
    slow: () => slowAdaptiveClip(slowAdamw(), { ratio: 0.3 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
  row("sgd, each unit clipped", clippedBy(clipAdaptively({ ratio: 0.5, floor: 0.1 }), sgd()), {
    hyper: { lr: 0.05, wd: 0.1 },
    slow: () => slowAdaptiveClip(slowSgd({ momentum: 0.9 }), { ratio: 0.5, floor: 0.1 }),
    bowl: { lr: 0.1, steps: 150 },
  }),
];
