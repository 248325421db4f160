export { cosineRegression } from "./cosine-regression.ts";
export { infoNce } from "./info-nce.ts";
export { ntXent } from "./nt-xent.ts";
export { type SinkhornOptions, sinkhorn } from "./sinkhorn.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
export { type SwappedPredictionOptions, swappedPrediction } from "./swapped-prediction.ts";
