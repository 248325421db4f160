import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { type DataError, refuse, task } from "./data-error.ts";
import { type Source, toShared } from "./source.ts";

const maxBytes = 4 * 2 ** 30;

/** Reads a file, unpacked when it is gzip; a bomb stops at the limit. */
const readMaybeGzip = async (path: string): Promise<Buffer> => {
  const raw = await readFile(path);
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  try {
    return gunzipSync(raw, { maxOutputLength: Math.min(maxBytes, Math.max(2 ** 20, raw.length * 200)) });
  } catch (thrown) {
    return refuse("data-format", `damaged gzip file: ${(thrown as Error).message}`, { where: path, fix: "download it again" });
  }
};

interface Idx {
  readonly shape: readonly number[];
  readonly values: Buffer;
}

/** Parses IDX: two zero bytes, type 8 (bytes), the number of axes, each axis as a big-endian word, then the values. */
const parseIdx = (bytes: Buffer, path: string, axes: readonly number[]): Idx => {
  const broken = (got: string, expected: string): never =>
    refuse("data-format", "not a whole IDX file of bytes", {
      where: path,
      got,
      expected,
      fix: "download it again, or check which file it is",
    });
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8) {
    broken(`first bytes ${bytes.subarray(0, 4).toString("hex")}`, `00 00 08 and ${axes.join(" or ")} axes`);
  }
  const rank = bytes[3] as number;
  if (!axes.includes(rank)) broken(`${rank} axes`, `${axes.join(" or ")} axes`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) broken(`${bytes.length} bytes`, `a header of ${start} bytes`);
  const shape = Array.from({ length: rank }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const size = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== start + size) broken(`${bytes.length - start} bytes of values`, `${size} for the shape [${shape.join(", ")}]`);
  return { shape, values: bytes.subarray(start) };
};

export interface IdxOptions {
  readonly name?: string;
  readonly classes?: readonly string[];
}

const readIdx = async (images: string, labels: string | undefined, { name, classes }: IdxOptions): Promise<Source> => {
  const { shape, values } = parseIdx(await readMaybeGzip(images), images, [3, 4]);
  const [length = 0, height = 0, width = 0, channels = 1] = shape;
  const sound = length > 0 && height > 0 && width > 0 && (channels === 1 || channels === 3);
  if (!sound)
    refuse("data-format", "IDX file without images", {
      where: images,
      got: `shape [${shape.join(", ")}]`,
      expected: "[n, height, width] or [n, height, width, 3]",
    });
  const content = { kind: "resident", pixels: toShared(values), width, height, channels: channels as 1 | 3 } as const;
  const base = { name: name ?? basename(images), length, content };
  if (labels === undefined) return base;
  const given = parseIdx(await readMaybeGzip(labels), labels, [1]);
  if (given.shape[0] !== length) {
    refuse("data-format", "images and labels differ in number", {
      where: labels,
      got: `${given.shape[0]} labels`,
      expected: `${length}, as in ${basename(images)}`,
    });
  }
  const count = given.values.reduce((most, label) => Math.max(most, label + 1), 0);
  const named = classes ?? Array.from({ length: count }, (_, i) => String(i));
  if (count > named.length)
    refuse("data-format", "a label beyond the known classes", {
      where: labels,
      got: `label ${count - 1}`,
      expected: `0..${named.length - 1}`,
    });
  return { ...base, classes: named, labels: Int32Array.from(given.values) };
};

/**
 * Images in MNIST's IDX format, plain or gzip, with or without a file of labels. Gray images keep one channel in memory.
 *
 * Errors: data-format (naming what is wrong), data-read.
 */
export const idx = (images: string, labels?: string, options: IdxOptions = {}): TaskEither<DataError, Source> =>
  task(() => readIdx(images, labels, options));
