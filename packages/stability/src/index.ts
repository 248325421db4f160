export { alignment, uniformity } from "./alignment-uniformity.ts";
export { collapseMetrics } from "./collapse-metrics.ts";
export { effectiveRank } from "./effective-rank.ts";
export { eigenvalues } from "./eigenvalues.ts";
export { embeddingStd } from "./embedding-std.ts";
export { gradientNorms } from "./gradient-norms.ts";
export { type PrototypeUse, prototypeUse } from "./prototype-use.ts";
export { rankMe } from "./rank-me.ts";
export { dipsOf, type Spike, type SpikeOptions, spikeDetector } from "./spikes.ts";
