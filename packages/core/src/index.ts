export { attention } from "./attention.ts";
export { type TfModule, tfModule } from "./backend.ts";
export { constant, full, ones, zeros } from "./constant.ts";
export type { Ctx, Encoder, Hyper, Module, ParamsOf, StateOf, Vars } from "./contracts.ts";
export { type ConvolutionOptions, convolution } from "./convolution.ts";
export {
  abs,
  add,
  broadcastShape,
  div,
  erf,
  exp,
  finiteMask,
  log,
  maximum,
  mul,
  neg,
  type Operand,
  relu,
  sqrt,
  square,
  stopGradient,
  sub,
  where,
} from "./elementwise.ts";
export { checkOption, checkShape, ShapeError } from "./errors.ts";
export { evaluate, toTensors } from "./evaluate.ts";
export { gelu } from "./gelu.ts";
export { valueAndGradient } from "./gradient.ts";
export { type HostArray, type HostTree, type HostType, hostArray, sizeOf } from "./host.ts";
export { broadcastTo, concat, reshape, slice, transpose } from "./layout.ts";
export { linear, sumRows } from "./linear.ts";
export { type MatMulOptions, matMul } from "./matmul.ts";
export { batchNormalize, columnMoments, l2Normalize, layerNorm } from "./normalize.ts";
export { normalizeChannels, rowMoments } from "./normalize-channels.ts";
export { type MaxPoolOptions, maxPool } from "./pooling.ts";
export { max, mean, type ReduceOptions, sum } from "./reduce.ts";
export { fold, normals, permutation, type Rng, rngOf, split, threefry, uniforms } from "./rng.ts";
export { scope } from "./scope.ts";
export { logSumExp, softmax } from "./softmax.ts";
export type { Scalar, Tensor } from "./tensor.ts";
export { topK } from "./top-k.ts";
export { isLeaf, leaves, mapTree, overlay, pick, rebuild, type Tree } from "./tree.ts";
