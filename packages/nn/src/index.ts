export { gelu, relu } from "./activations.ts";
export { type AttentionParams, attention } from "./attention.ts";
export { type BatchNormOptions, type BatchNormState, batchNorm, type ChannelNormOptions, channelNorm } from "./batch-norm.ts";
export { type ConvNormLayer, type ConvNormParams, type ConvNormState, convNorms } from "./conv-norm.ts";
export { type ConvolutionLayerOptions, type ConvolutionParams, convolution } from "./convolution.ts";
export { fanInBound, fanOutDeviation, normal, uniform, xavierBound } from "./initializers.ts";
export { type AffineParams, layerNorm } from "./layer-norm.ts";
export { type LinearOptions, type LinearParams, linear } from "./linear.ts";
export { seq } from "./seq.ts";
