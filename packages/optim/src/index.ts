export { masked } from "./masked.ts";
export { adamw, type DecayMask, decayMatrices, sgd } from "./optimizers.ts";
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
