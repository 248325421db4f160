import { linear as affine, checkOption, div, maximum, type Rng, sqrt, square, sum, type Tensor } from "@twinview/core";
import { fanInBound, uniform } from "@twinview/nn";
import type { Head } from "./head.ts";

export interface PrototypesParams {
  /** `[dim, count]`, one prototype a column. */
  readonly w: Tensor;
}

/**
 * SwAV's prototypes: scores of embeddings `[B, dim]` against `count` vectors, `[B, count]`, without offset. With rows and prototypes
 * of unit length (`unitPrototypes`) the scores are cosines.
 * @throws ShapeError if there are fewer than two prototypes.
 * @see Caron et al., SwAV, arXiv 2006.09882, section 3.1.
 */
export const prototypes = ({ dim, count }: { readonly dim: number; readonly count: number }): Head<PrototypesParams> => {
  checkOption("prototypes", "count", count, Number.isInteger(count) && count >= 2, "at least two prototypes");
  return {
    init: (rng: Rng) => ({ w: uniform(rng, [dim, count], fanInBound(dim)) }),
    apply: ({ w }, x) => affine(x, w),
  };
};

/** Every prototype scaled to unit length: SwAV's projection around each step. */
export const unitPrototypes = ({ w }: PrototypesParams): PrototypesParams => {
  const length = sqrt(sum(square(w), { axes: [0], keepDims: true })); // [1, count]
  return { w: div(w, maximum(length, 1e-12)) };
};
