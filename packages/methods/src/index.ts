export { type ByolOptions, byol } from "./byol.ts";
export type { ChunkedStep, Features, StepScratch } from "./chunked-step.ts";
export { imagenetPixels, normalizePixels, type PixelStats } from "./encode.ts";
export { features } from "./features.ts";
export {
  type Bound,
  defineMethod,
  type Encoding,
  type Encodings,
  type HeadParams,
  type Heads,
  type LossArgs,
  type Method,
  type NeedsTarget,
  online,
  target,
} from "./method.ts";
export { type MocoV3Options, mocoV3 } from "./moco-v3.ts";
export type { Queue } from "./queue.ts";
export { type SimclrOptions, simclr } from "./simclr.ts";
export { type SupervisedOptions, supervised } from "./supervised.ts";
export { type SwavOptions, swav } from "./swav.ts";
export type { TrainingState } from "./training-state.ts";
export { type TrainingStep, type TrainingStepOptions, trainingStep } from "./training-step.ts";
