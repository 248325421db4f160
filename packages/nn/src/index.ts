export { gelu, relu } from "./activations.ts";
export { type AttentionParams, attention } from "./attention.ts";
export { type BatchNormOptions, type BatchNormState, batchNorm } from "./batch-norm.ts";
export { fanInBound, normal, uniform, xavierBound } from "./initializers.ts";
export { type AffineParams, layerNorm } from "./layer-norm.ts";
export { type LinearOptions, type LinearParams, linear } from "./linear.ts";
export { seq } from "./seq.ts";
