export { type AdaptiveClipOptions, clipAdaptively, clipByGlobalNorm, clippedBy, globalNorm } from "./clip.ts";
export { layerDecay, scaleByPath } from "./layer-decay.ts";
export { type LarsOptions, lamb, larc, lars, larsClassic } from "./layerwise.ts";
export { masked } from "./masked.ts";
export { type DecayMask, decayMatrices, excludeBiasAndNorm, type ParameterMask } from "./masks.ts";
export { adamw, sgd } from "./optimizers.ts";
export { constant, cosine, join, linear, type Schedule, scaledRate, warmupCosine } from "./schedules.ts";
export { chain, type TensorTree, type Transform, type TransformHyper, type TransformState, type UpdateArgs } from "./transform.ts";
export {
  type AdamOptions,
  type AdamState,
  addDecayedWeights,
  applyUpdates,
  scaleBy,
  scaleByAdam,
  type TraceState,
  trace,
} from "./transforms.ts";
export { normOf, scaleByLarc, scaleByTrustRatio, type TrustRatioOptions } from "./trust-ratio.ts";
