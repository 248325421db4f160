import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { type DataError, refuse, task } from "./data-error.ts";
import { type Source, sharedBytes } from "./source.ts";

export interface CifarOptions {
  readonly split: "train" | "test";
  readonly name?: string;
}

const planeBytes = 32 * 32;
const imageBytes = 3 * planeBytes;

/** CIFAR-10 has one label byte before each image, CIFAR-100 a coarse and a fine one; the fine one is the class. */
interface Layout {
  readonly labelBytes: 1 | 2;
  readonly files: readonly string[];
  readonly namesFile: string;
}

const layoutOf = (files: readonly string[], split: CifarOptions["split"]): Layout | undefined => {
  const ten = files.filter((file) => (split === "train" ? /^data_batch_\d+\.bin$/ : /^test_batch\.bin$/).test(file)).sort();
  if (ten.length > 0) return { labelBytes: 1, files: ten, namesFile: "batches.meta.txt" };
  if (files.includes(`${split}.bin`)) return { labelBytes: 2, files: [`${split}.bin`], namesFile: "fine_label_names.txt" };
  return undefined;
};

/** Whether file names look like the binary version of CIFAR-10 or CIFAR-100. */
export const looksLikeCifar = (files: readonly string[], split: CifarOptions["split"]): boolean => layoutOf(files, split) !== undefined;

/** One record's three planes [3, 32, 32] as pixels [32, 32, 3]. */
const interleave = (record: Uint8Array, out: Uint8Array): void => {
  for (let i = 0; i < planeBytes; i++) {
    out[3 * i] = record[i] as number;
    out[3 * i + 1] = record[planeBytes + i] as number;
    out[3 * i + 2] = record[2 * planeBytes + i] as number;
  }
};

const readCifar = async (dir: string, { split, name }: CifarOptions): Promise<Source> => {
  const present = await readdir(dir);
  const layout =
    layoutOf(present, split) ??
    refuse("data-format", `no ${split} files of CIFAR's binary version`, {
      where: dir,
      expected: split === "train" ? "data_batch_1.bin .. data_batch_5.bin, or train.bin" : "test_batch.bin, or test.bin",
    });
  const record = layout.labelBytes + imageBytes;
  const parts = await Promise.all(
    layout.files.map(async (file) => {
      const bytes = await readFile(join(dir, file));
      if (bytes.length > 0 && bytes.length % record === 0) return bytes;
      return refuse("data-format", "not a whole number of CIFAR records", {
        where: join(dir, file),
        got: `${bytes.length} bytes`,
        expected: `a multiple of ${record}`,
        fix: "download it again",
      });
    }),
  );
  const records = parts.flatMap((part) =>
    Array.from({ length: part.length / record }, (_, i) => part.subarray(i * record, (i + 1) * record)),
  );
  const pixels = sharedBytes(records.length * imageBytes);
  const labels = Int32Array.from(records, (bytes) => bytes[layout.labelBytes - 1] as number);
  records.forEach((bytes, i) => {
    interleave(bytes.subarray(layout.labelBytes), pixels.subarray(i * imageBytes, (i + 1) * imageBytes));
  });
  const count = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const named = present.includes(layout.namesFile)
    ? (await readFile(join(dir, layout.namesFile), "utf8")).split(/\s*\n\s*/).filter(Boolean)
    : [];
  const classes = named.length >= count ? named : Array.from({ length: count }, (_, i) => String(i));
  const content = { kind: "resident", pixels, width: 32, height: 32, channels: 3 } as const;
  return { name: name ?? `${basename(resolve(dir))}-${split}`, length: records.length, classes, labels, content };
};

/**
 * The binary version of CIFAR-10 or CIFAR-100, training or test files. Class names come from the names file when it is there.
 *
 * Errors: data-format (a file missing or cut), data-read.
 * @see Krizhevsky, "Learning multiple layers of features from tiny images", 2009: 3072 bytes an image, red, green, blue planes.
 */
export const cifarBinary = (dir: string, options: CifarOptions): TaskEither<DataError, Source> => task(() => readCifar(dir, options));
