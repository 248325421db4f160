import { type Scalar, stopGradient, type Tensor } from "@twinview/core";
import { alignment, uniformity } from "./alignment-uniformity.ts";
import { effectiveRank } from "./effective-rank.ts";
import { embeddingStd } from "./embedding-std.ts";

/** The monitors that tell collapsed embeddings from healthy ones, for two views of the same images `[B, D]`; without gradient. */
export const collapseMetrics = (first: Tensor, second: Tensor): Readonly<Record<string, Scalar>> => {
  const [a, b] = [stopGradient(first), stopGradient(second)];
  return { embeddingStd: embeddingStd(a), effectiveRank: effectiveRank(a), alignment: alignment(a, b), uniformity: uniformity(a) };
};
