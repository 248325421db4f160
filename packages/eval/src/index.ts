export { confusionMatrix } from "./confusion.ts";
export { knnAccuracies, knnAccuracy, type VoteOptions, vote } from "./knn.ts";
export { type LinearProbe, type LinearProbeOptions, linearProbe, probeDefaults } from "./linear-probe.ts";
export { type Neighbours, nearestNeighbours } from "./neighbours.ts";
export type { ProbeSetting } from "./probe-programs.ts";
export { type FeatureQuality, featureQuality, firstRows, type QualityFeatures, type QualitySizes, qualityProgram } from "./quality.ts";
export { checkRows, type LabelledRows, labelledAt, type Rows, rowsAt, unitRows } from "./rows.ts";
export { type ClassSplit, splitByClass } from "./split-by-class.ts";
export { type Standardizer, standardize, standardizerOf } from "./standardize.ts";
