/** Images decoded once, all of one size, in memory that threads share: `pixels` is [length, height, width, channels] bytes. */
export interface ResidentContent {
  readonly kind: "resident";
  /** A view of a SharedArrayBuffer. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Image files decoded when they are needed. `paths` are relative to `root`, with forward slashes. */
export interface FilesContent {
  readonly kind: "files";
  /** The real path of the folder: nothing outside it is ever opened. */
  readonly root: string;
  readonly paths: readonly string[];
}

/** Where the pixels are: plain data that a worker thread can be given. */
export type Content = ResidentContent | FilesContent;

/** An image that could not be used, and why. */
export interface BadFile {
  readonly path: string;
  readonly reason: string;
}

/** A set of images, with or without classes. */
export interface Source {
  readonly name: string;
  readonly length: number;
  /** Class names; absent when nothing is known about classes. */
  readonly classes?: readonly string[];
  /** Class of each image, an index into `classes`. */
  readonly labels?: Int32Array;
  readonly content: Content;
  /** Images that were left out while the source was built. */
  readonly bad?: readonly BadFile[];
}

/** Zeroed bytes in memory that threads share. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

/** The same bytes in memory that threads share; copied unless they are there already. */
export const toShared = (bytes: Uint8Array): Uint8Array => {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = sharedBytes(bytes.length);
  shared.set(bytes);
  return shared;
};

const subsetOf = (content: Content, indices: ArrayLike<number>): Content => {
  if (content.kind === "files") return { ...content, paths: Array.from(indices, (i) => content.paths[i] as string) };
  const size = content.width * content.height * content.channels;
  const pixels = sharedBytes(indices.length * size);
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k] as number;
    pixels.set(content.pixels.subarray(i * size, (i + 1) * size), k * size);
  }
  return { ...content, pixels };
};

/** The images at `indices`, in that order, as a source of its own. */
export const subset = (source: Source, indices: ArrayLike<number>, name: string): Source => {
  const { bad: _, labels, ...rest } = source;
  const kept = labels === undefined ? {} : { labels: Int32Array.from(indices, (i) => labels[i] as number) };
  return { ...rest, ...kept, name, length: indices.length, content: subsetOf(source.content, indices) };
};
