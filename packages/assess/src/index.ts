export { type EncoderWeights, encoderWeights, type Which, weightsHash } from "./encoder-weights.ts";
export { type EvaluateOptions, type Evaluation, evaluateRun } from "./evaluate-run.ts";
export { type FeatureSession, openFeatures, type SourceFeatures } from "./feature-session.ts";
export type { KnnAccuracies, KnnOptions } from "./knn-result.ts";
export { type LabelledData, labelledData } from "./labelled-data.ts";
export type { LinearOptions, LinearResult } from "./linear-result.ts";
export { type OpenedRun, openRun } from "./open-run.ts";
