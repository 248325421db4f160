import type { DecayMask } from "./masks.ts";
import { chain } from "./transform.ts";
import { type AdamOptions, addDecayedWeights, scaleBy, scaleByAdam, trace } from "./transforms.ts";

/**
 * AdamW: `p = p - lr (m / (sqrt(v) + epsilon) + wd p)`. Reads `lr` and `wd`; decays every parameter unless masked, as MoCo v3 does.
 * @see arXiv 1711.05101, algorithm 2, as torch.optim.AdamW scales it.
 */
export const adamw = ({ mask, ...adam }: AdamOptions & { readonly mask?: DecayMask } = {}) =>
  chain({
    adam: scaleByAdam(adam),
    decay: addDecayedWeights("wd", mask ? { mask } : {}),
    lr: scaleBy("lr", { sign: -1 }),
  });

/**
 * Stochastic gradient descent with momentum: `v = momentum v + g + wd p`, `p = p - lr v`. Reads `lr` and `wd`.
 * @see torch.optim.SGD.
 */
export const sgd = ({
  momentum = 0.9,
  nesterov = false,
  mask,
}: {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly mask?: DecayMask;
} = {}) =>
  chain({
    decay: addDecayedWeights("wd", mask ? { mask } : {}),
    momentum: trace({ decay: momentum, nesterov }),
    lr: scaleBy("lr", { sign: -1 }),
  });
