export { type OpenPage, withBrowser } from "./browser.ts";
export { type NumericCore, type OperationCheck, operationChecks } from "./check-operation.ts";
export { difference, expectClose, type Tolerance } from "./close.ts";
export { finiteDifferences, slope, slopeNoise } from "./finite-differences.ts";
export { hostileTexts } from "./hostile-texts.ts";
export {
  at,
  type DrawnOptions,
  dot,
  drawn,
  fromIndex,
  fromRows,
  indexOf,
  lengthOf,
  type Numbers,
  rowOf,
  type Slow,
  seeded,
  slow,
  toSlow,
} from "./numbers.ts";
export { slowAdaptiveClip } from "./slow-clipping.ts";
export { slowLamb, slowLarc, slowLars } from "./slow-layerwise.ts";
export { type Decays, perTensor, type SlowOptimizer, type SlowTree, slowAdamw, slowSgd } from "./slow-optimizers.ts";
export { tell } from "./tell.ts";
export {
  slowAttention,
  slowBatchNormalize,
  slowBroadcast,
  slowErf,
  slowGelu,
  slowInfoNce,
  slowL2Normalize,
  slowLayerNorm,
  slowLinear,
  slowLogSumExpOf,
  slowMap,
  slowMatMul,
  slowRows,
  slowSoftmax,
  slowSoftmaxOf,
  slowTranspose,
} from "./twins.ts";
