import { type Image, type View, type ViewOptions, view } from "@twinview/augment";
import { fold, type Rng, rngOf, uniforms } from "@twinview/core";
import { dataError, failure } from "./data-error.ts";
import { openImages } from "./open-images.ts";
import type { BadFile, Content } from "./source.ts";

export interface RenderOptions {
  readonly content: Content;
  readonly views: readonly ViewOptions[];
  readonly seed: number;
  /** Number of images in the source. */
  readonly length: number;
  /** Image files decoded ahead of the one being rendered. */
  readonly prefetch: number;
  /** Called before an image is touched; true when it must not be: images that killed a thread. */
  readonly isBarred?: (index: number) => boolean;
}

/** A run of samples of one batch. */
export interface Chunk {
  readonly epoch: number;
  readonly indices: Uint32Array;
  /** One for each view: the bytes [indices.length, size, size, 3] to fill. */
  readonly out: readonly Uint8Array[];
  /** Receives the index of the image that was used at each place: another than asked for when a file is broken. */
  readonly used: Uint32Array;
}

const replacements = 20;

/**
 * Shorter side at which the smallest crop still has the view's own resolution, size sqrt(largest ratio / smallest scale): decoding
 * an image larger than that cannot show.
 */
export const shortSideFor = (views: readonly ViewOptions[]): number =>
  Math.max(...views.map(({ size, scale, ratio }) => Math.ceil(size * Math.sqrt((ratio?.[1] ?? 4 / 3) / scale[0]))));

/**
 * Renders samples in the calling thread. View v of image i in epoch e draws from the key (seed, "view", e, i, v): nothing else
 * matters, neither the thread nor the batch. A broken image is replaced by one drawn from the key (seed, "replace", e, i).
 */
export const sampleRenderer = ({ content, views, seed, length, prefetch, isBarred }: RenderOptions) => {
  const reader = openImages(content, shortSideFor(views));
  const rendered: readonly View[] = views.map(view);
  const viewRng = fold(rngOf(seed), "view");
  const replaceRng = fold(rngOf(seed), "replace");
  const ahead = content.kind === "files" ? prefetch : 0;

  const read = async (index: number): Promise<Image | Error> => {
    if (isBarred?.(index) === true) return new Error("left out: loader threads died on it");
    try {
      return await reader.read(index);
    } catch (thrown) {
      return thrown as Error;
    }
  };

  /** The image to show in the place of a broken one. */
  const replace = async (index: number, rng: Rng, bad: BadFile[]): Promise<{ readonly index: number; readonly image: Image }> => {
    const uniform = uniforms(rng);
    for (let attempt = 0; attempt < replacements; attempt++) {
      const other = Math.floor(uniform() * length);
      const image = await read(other);
      if (!(image instanceof Error)) return { index: other, image };
      bad.push({ path: reader.nameOf(other), reason: image.message });
    }
    throw failure(dataError("data-unreadable", `image ${reader.nameOf(index)} and ${replacements} others in a row cannot be decoded`));
  };

  const render = (image: Image, rng: Rng, chunk: Chunk, at: number): void => {
    rendered.forEach((one, v) => {
      const bytes = one.options.size * one.options.size * 3;
      one.render(image, fold(rng, v), (chunk.out[v] as Uint8Array).subarray(at * bytes, (at + 1) * bytes));
    });
  };

  /** Fills the chunk and returns the broken images it met. */
  return async (chunk: Chunk): Promise<readonly BadFile[]> => {
    const bad: BadFile[] = [];
    const { epoch, indices, used } = chunk;
    const pending: Promise<Image | Error>[] = [];
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] as number;
      for (let next = at + pending.length; next <= Math.min(at + ahead, indices.length - 1); next++)
        pending.push(read(indices[next] as number));
      const image = await (pending.shift() as Promise<Image | Error>);
      used[at] = index;
      const rng = fold(fold(viewRng, epoch), index);
      if (!(image instanceof Error)) {
        render(image, rng, chunk, at);
        continue;
      }
      bad.push({ path: reader.nameOf(index), reason: image.message });
      const other = await replace(index, fold(fold(replaceRng, epoch), index), bad);
      used[at] = other.index;
      render(other.image, rng, chunk, at);
    }
    return bad;
  };
};
