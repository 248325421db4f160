import { fold, permutation, rngOf } from "@twinview/core";
import { type Source, subset } from "./source.ts";

/** How many images a share in (0, 1] of them is; at least one. */
export const shareCount = (images: number, share: number): number => Math.max(1, Math.round(images * share));

/** A share in (0, 1] of a source's images, drawn by the seed whatever their classes, in their old order. */
export const shareOf = (source: Source, share: number, seed: number): Source => {
  if (share === 1) return source;
  const drawn = permutation(fold(rngOf(seed), "share"), source.length).subarray(0, shareCount(source.length, share));
  return subset(source, drawn.slice().sort(), `${source.name}-share-${share}`);
};
