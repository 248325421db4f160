import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { type BadLimit, tooManyBad } from "./bad-files.ts";
import { type DataError, failure, refuse, task } from "./data-error.ts";
import { type Decoder, imageExtensions, openDecoder } from "./decode.ts";
import { inParallel } from "./in-parallel.ts";
import { scanFolder } from "./scan-folder.ts";
import { type BadFile, type Content, type Source, sharedBytes } from "./source.ts";

export interface ImageFolderOptions {
  readonly name?: string;
  /** Class names to use, in this order; a folder of another name is refused. Default: the first-level folders, sorted. */
  readonly classes?: readonly string[];
  readonly badLimit?: BadLimit;
  /** Images of one size are decoded once and kept when they take at most this much. Default 1 GiB. */
  readonly residentBytes?: number;
}

const parallel = 4;
const checkedHeaders = 4096; // about a second of work; larger folders are checked by a sample, the rest as they are read

/** Indices of up to `count` of `length` items, evenly spread. */
const spread = (length: number, count: number): number[] =>
  Array.from({ length: Math.min(length, count) }, (_, i) => Math.floor((i * length) / Math.min(length, count)));

interface Checked {
  readonly bad: ReadonlyMap<string, string>;
  /** The size all checked images have, when they have one. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

const checkHeaders = async (decoder: Decoder, paths: readonly string[]): Promise<Checked> => {
  const bad = new Map<string, string>();
  const sizes = new Set<string>();
  let size: Checked["size"];
  await inParallel(spread(paths.length, checkedHeaders), parallel, async (index) => {
    const path = paths[index] as string;
    try {
      size = await decoder.sizeOf(path);
      sizes.add(`${size.width}x${size.height}`);
    } catch (thrown) {
      bad.set(path, (thrown as Error).message);
    }
  });
  return { bad, size: sizes.size === 1 ? size : undefined };
};

/** Decodes all into one block; undefined when an image turns out to have another size. */
const decodeAll = async (decoder: Decoder, paths: readonly string[], width: number, height: number, bad: Map<string, string>) => {
  const size = width * height * 3;
  const pixels = sharedBytes(paths.length * size);
  let uniform = true;
  await inParallel(paths, parallel, async (path, index) => {
    if (!uniform || bad.has(path)) return;
    try {
      const image = await decoder.decode(path);
      if (image.width === width && image.height === height) pixels.set(image.data, index * size);
      else uniform = false;
    } catch (thrown) {
      bad.set(path, (thrown as Error).message);
    }
  });
  return uniform ? pixels : undefined;
};

/** First-level folder of each image, or undefined when an image lies flat or all share one folder: then nothing is known. */
const classesOf = (paths: readonly string[]): readonly string[] | undefined => {
  const names = paths.map((path) => (path.includes("/") ? (path.split("/")[0] as string) : undefined));
  if (names.includes(undefined)) return undefined;
  const known = [...new Set(names as string[])].sort();
  return known.length > 1 ? known : undefined;
};

const labelsOf = (dir: string, paths: readonly string[], classes: readonly string[]): Int32Array => {
  const index = new Map(classes.map((name, i) => [name, i]));
  return Int32Array.from(paths, (path) => {
    const name = path.includes("/") ? (path.split("/")[0] as string) : "";
    return (
      index.get(name) ??
      refuse("data-classes", `"${path}" is in no folder of a known class`, {
        where: dir,
        got: name === "" ? "an image outside the class folders" : `class folder "${name}"`,
        expected: `one of ${classes.slice(0, 10).join(", ")}${classes.length > 10 ? ", ..." : ""}`,
        fix: "use the same class folders in train and test",
      })
    );
  });
};

const checkFolder = async (dir: string): Promise<void> => {
  const found = await stat(dir).catch(() => undefined);
  if (found === undefined) refuse("data-missing", "no such folder", { where: dir, fix: "check the path" });
  else if (!found.isDirectory()) refuse("data-not-folder", "not a folder", { where: dir, fix: "give the folder that holds the images" });
};

const pick = <T>(items: ArrayLike<T>, kept: readonly number[]): T[] => kept.map((i) => items[i] as T);

const contentOf = async (decoder: Decoder, root: string, paths: readonly string[], checked: Checked, residentBytes: number) => {
  const bad = new Map(checked.bad);
  const { size } = checked;
  const fits = size !== undefined && paths.length * size.width * size.height * 3 <= residentBytes;
  const pixels = fits ? await decodeAll(decoder, paths, size.width, size.height, bad) : undefined;
  const kept = paths.flatMap((path, i) => (bad.has(path) ? [] : [i]));
  if (pixels === undefined || size === undefined) {
    return { bad, kept, content: { kind: "files", root, paths: pick(paths, kept) } satisfies Content };
  }
  const bytes = size.width * size.height * 3;
  kept.forEach((from, to) => {
    if (from !== to) pixels.copyWithin(to * bytes, from * bytes, (from + 1) * bytes);
  });
  const content: Content = { kind: "resident", pixels: pixels.subarray(0, kept.length * bytes), ...size, channels: 3 };
  return { bad, kept, content };
};

const readFolder = async (dir: string, options: ImageFolderOptions): Promise<Source> => {
  await checkFolder(dir);
  const { root, paths, leadsOutside, unnameable } = await scanFolder(dir);
  if (paths.length === 0) {
    const outside = leadsOutside.length > 0 ? ` (${leadsOutside.length} links lead outside and were not followed)` : "";
    refuse("data-empty", `no image in the folder${outside}`, {
      where: dir,
      expected: `files ending in ${imageExtensions.join(" ")}`,
      fix: "give the folder that holds the images; they may lie in folders of their own",
    });
  }
  if (paths.length === 1) {
    refuse("data-one-image", "a single image: there is nothing to compare it with", {
      where: dir,
      got: paths[0] as string,
      expected: "at least two",
      fix: "give a folder with more images",
    });
  }
  const decoder = openDecoder(root);
  const checked = await checkHeaders(decoder, paths);
  const { bad, kept, content } = await contentOf(decoder, root, paths, checked, options.residentBytes ?? 2 ** 30);
  const refused = [...bad].map(([path, reason]) => ({ path, reason }));
  const badFiles: BadFile[] = [...unnameable, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (kept.length === 0) {
    const [first] = badFiles;
    refuse("data-unreadable", `none of the ${paths.length} images can be decoded`, {
      where: dir,
      got: `${first?.path}: ${first?.reason}`,
      expected: "JPEG, PNG, WebP, AVIF or GIF images, whatever their endings",
      fix: "check that the files open in a viewer, and that the copy or download was complete",
    });
  }
  const tooMany = tooManyBad(dir, badFiles, paths.length + unnameable.length, options.badLimit);
  if (tooMany !== undefined) throw failure(tooMany);
  const good = pick(paths, kept);
  const classes = options.classes ?? classesOf(good);
  const labelled = classes === undefined ? {} : { classes, labels: labelsOf(dir, good, classes) };
  return { name: options.name ?? basename(resolve(dir)), length: kept.length, ...labelled, content, bad: badFiles };
};

/**
 * A folder of JPEG, PNG, WebP, AVIF or GIF images, nested as deep as you like. When every image lies in one of several
 * first-level folders, those are the classes; otherwise there are none. Broken images are left out and named in `bad`.
 *
 * Images of one size that fit the memory limit are decoded now and kept; others are decoded when they are needed.
 *
 * Errors: data-missing, data-not-folder, data-empty, data-one-image, data-unreadable, data-too-many-bad, data-classes.
 */
export const imageFolder = (dir: string, options: ImageFolderOptions = {}): TaskEither<DataError, Source> =>
  task(() => readFolder(dir, options));
