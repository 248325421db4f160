import { resizeCenterCrop } from "@twinview/augment";
import { inParallel } from "./in-parallel.ts";
import { openImages } from "./open-images.ts";
import type { BadFile, Source } from "./source.ts";

export interface ReadImagesOptions {
  /** Side of the square images, in pixels. */
  readonly size: number;
}

/** Clean images for evaluation. */
export interface CleanImages {
  /** [n, size, size, 3], n = indices.length. */
  readonly bytes: Uint8Array;
  /** The images that could be read, in the order asked for: look labels up with these. */
  readonly indices: Uint32Array;
  readonly bad: readonly BadFile[];
}

/**
 * Reads images as they are, without augmentation: shorter side resized to `size`, then the central square; unchanged when they
 * have that size already. Broken files are left out and named.
 * @throws ShapeError when the size is not a whole number of pixels.
 */
export const readImages = async (source: Source, indices: ArrayLike<number>, { size }: ReadImagesOptions): Promise<CleanImages> => {
  const clean = resizeCenterCrop({ size });
  const reader = openImages(source.content, 2 * size); // twice the size leaves the last, antialiased step to one filter
  const asked = Array.from(indices);
  const bytes = new Uint8Array(asked.length * size * size * 3);
  const bad: BadFile[] = [];
  const one = size * size * 3;
  const readable = new Uint8Array(asked.length);
  await inParallel(asked, source.content.kind === "files" ? 4 : 1, async (index, at) => {
    try {
      clean(await reader.read(index), bytes.subarray(at * one, (at + 1) * one));
      readable[at] = 1;
    } catch (thrown) {
      bad.push({ path: reader.nameOf(index), reason: (thrown as Error).message });
    }
  });
  if (bad.length === 0) return { bytes, indices: Uint32Array.from(asked), bad };
  const kept = asked.flatMap((_, at) => (readable[at] === 1 ? [at] : []));
  kept.forEach((from, to) => {
    bytes.copyWithin(to * one, from * one, (from + 1) * one);
  });
  return { bytes: bytes.slice(0, kept.length * one), indices: Uint32Array.from(kept, (at) => asked[at] as number), bad };
};
