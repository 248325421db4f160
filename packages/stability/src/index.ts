export { embeddingStd } from "./embedding-std.ts";
export { gradientNorms } from "./gradient-norms.ts";
