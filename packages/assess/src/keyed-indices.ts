import { fold, permutation, rngOf } from "@twinview/core";

/** Some images of a set in an order keyed by seed and purpose, at most `count`; all of them, as they lie, when none is given. */
export const keyedIndices = (length: number, count: number | undefined, seed: number, purpose: string): Uint32Array =>
  count === undefined || count >= length
    ? Uint32Array.from({ length }, (_, i) => i)
    : Uint32Array.from(permutation(fold(rngOf(seed), purpose), length).subarray(0, count)).sort();
