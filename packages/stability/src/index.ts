export { embeddingStd } from "./embedding-std.ts";
export { gradientNorms } from "./gradient-norms.ts";
export { dipsOf, type Spike, type SpikeOptions, spikeDetector } from "./spikes.ts";
