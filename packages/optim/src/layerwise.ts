import { decayMatrices, excludeBiasAndNorm, type ParameterMask } from "./masks.ts";
import { chain } from "./transform.ts";
import { type AdamOptions, addDecayedWeights, scaleBy, scaleByAdam, trace } from "./transforms.ts";
import { scaleByLarc, scaleByTrustRatio } from "./trust-ratio.ts";

/**
 * "LARS" names six optimizers whose learning rates do not transfer. They differ in what the trust ratio divides by, in whether the
 * rate enters the momentum, and in what is left out: these are the three of the four methods' official codes.
 */
export interface LarsOptions {
  /** The trust coefficient, called eta or eeta elsewhere. */
  readonly trust?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Parameters that decay and are scaled; the others get plain momentum. */
  readonly mask?: ParameterMask;
}

/**
 * LARS of moco-v3 and BYOL, the rate applied after the momentum. Reads `lr` and `wd`:
 *
 *     g = g + wd p;  g = g * trust |p| / |g|;  v = momentum v + g;  p = p - lr v
 *
 * The mask is moco-v3's, every tensor of rank 2 and more; BYOL tells offsets and norms by name (`excludeBiasAndNorm`).
 * @see moco-v3 moco/optimizer.py; byol utils/optimizers.py.
 */
export const lars = ({ trust = 1e-3, momentum = 0.9, nesterov = false, mask = decayMatrices }: LarsOptions = {}) =>
  chain({
    decay: addDecayedWeights("wd", { mask }),
    trust: scaleByTrustRatio({ trust, mask }),
    momentum: trace({ decay: momentum, nesterov }),
    lr: scaleBy("lr", { sign: -1 }),
  });

/**
 * LARS of SimCLR ("classic" momentum): the rate enters the momentum, so a new rate acts on new gradients only. Reads `lr` and `wd`:
 *
 *     g = g + wd p;  g = g * trust |p| / |g|;  v = momentum v + lr g;  p = p - v
 *
 * @see simclr lars_optimizer.py, with classic_momentum, its default.
 */
export const larsClassic = ({ trust = 1e-3, momentum = 0.9, nesterov = false, mask = excludeBiasAndNorm }: LarsOptions = {}) =>
  chain({
    decay: addDecayedWeights("wd", { mask }),
    trust: scaleByTrustRatio({ trust, mask }),
    lr: scaleBy("lr", { sign: -1 }),
    momentum: trace({ decay: momentum, nesterov }),
  });

/**
 * SGD in apex's LARC, as SwAV and VISSL train: every parameter decays and is scaled, offsets and norms too. Reads `lr` and `wd`:
 *
 *     g = (g + wd p) * trust |p| / (|g| + wd |p| + 1e-8);  v = momentum v + g;  p = p - lr v
 *
 * @see swav main_swav.py, LARC(optimizer=SGD, trust_coefficient=0.001, clip=False).
 */
export const larc = ({ trust = 1e-3, momentum = 0.9, nesterov = false, mask = () => true }: LarsOptions = {}) =>
  chain({
    trust: scaleByLarc("wd", { trust, mask }),
    momentum: trace({ decay: momentum, nesterov }),
    lr: scaleBy("lr", { sign: -1 }),
  });

/**
 * LAMB: Adam's update with weight decay, scaled layer by layer to the length of its parameters. Reads `lr` and `wd`:
 *
 *     u = m / (sqrt(v) + epsilon) + wd p;  p = p - lr |p| / |u| u
 *
 * Both moments are bias-corrected. Masked parameters neither decay nor are scaled.
 * @see You et al., arXiv 1904.00962, algorithm 2; epsilon 1e-6 as there.
 */
export const lamb = ({ mask = () => true, epsilon = 1e-6, ...adam }: AdamOptions & { readonly mask?: ParameterMask } = {}) =>
  chain({
    adam: scaleByAdam({ ...adam, epsilon }),
    decay: addDecayedWeights("wd", { mask }),
    trust: scaleByTrustRatio({ mask }),
    lr: scaleBy("lr", { sign: -1 }),
  });
