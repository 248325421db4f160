import { openDecoder } from "./decode.ts";
import { inParallel } from "./in-parallel.ts";
import type { Source } from "./source.ts";

/** What a program needs to choose view size and batch. */
export interface Description {
  readonly length: number;
  readonly classes?: readonly string[];
  /** Size in pixels; of files, the median of up to 64 of them, sides taken separately. */
  readonly width: number;
  readonly height: number;
  /** Whether all images are known to have that size. */
  readonly uniform: boolean;
  readonly channels: 1 | 3;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Describes a source; of files only headers are read. */
export const describe = async ({ length, classes, content }: Source): Promise<Description> => {
  const base = { length, ...(classes === undefined ? {} : { classes }) };
  if (content.kind === "resident") {
    return { ...base, width: content.width, height: content.height, uniform: true, channels: content.channels };
  }
  const decoder = openDecoder(content.root);
  const count = Math.min(64, length);
  const sample = Array.from({ length: count }, (_, i) => content.paths[Math.floor((i * length) / count)] as string);
  const sizes = (await inParallel(sample, 4, (path) => decoder.sizeOf(path).catch(() => undefined))).filter((size) => size !== undefined);
  const [width, height] = [median(sizes.map((size) => size.width)), median(sizes.map((size) => size.height))];
  return { ...base, width, height, uniform: false, channels: 3 };
};
