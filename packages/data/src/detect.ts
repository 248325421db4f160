import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { suggestion } from "@twinview/config";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { cifarBinary, looksLikeCifar } from "./cifar.ts";
import { type DataError, refuse, rightOf, task } from "./data-error.ts";
import { emoji } from "./emoji.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import { type HoldOutOptions, holdOut } from "./hold-out.ts";
import { idx } from "./idx.ts";
import { type ImageFolderOptions, imageFolder } from "./image-folder.ts";
import type { Source } from "./source.ts";

/** What `--data` turned out to be. */
export interface Detected {
  /** One sentence saying what was found. */
  readonly description: string;
  readonly train: Source;
  /** Absent when there are no labels to evaluate with. */
  readonly test?: Source;
}

export interface DetectOptions {
  readonly holdOut?: HoldOutOptions;
  readonly folder?: Pick<ImageFolderOptions, "badLimit" | "residentBytes">;
  /** A folder whose node_modules holds the data set packages. */
  readonly packageRoot?: string;
  readonly cacheDir?: string;
}

type Split = "train" | "test";
type Where = Pick<DetectOptions, "packageRoot" | "cacheDir">;

const byName: Readonly<Record<string, (split: Split, where: Where) => TaskEither<DataError, Source>>> = {
  "fashion-mnist": (split, where) => fashionMnist({ split, ...where }),
  "emoji-apple": (split, where) => emoji({ vendor: "apple", split, ...where }),
  "emoji-google": (split, where) => emoji({ vendor: "google", split, ...where }),
};

/** Names `detect` knows beside paths. */
export const datasetNames: readonly string[] = Object.keys(byName);

const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

const sizeText = ({ content }: Source): string =>
  content.kind === "resident" ? ` of ${content.width} x ${content.height} pixels${content.channels === 1 ? ", gray" : ""}` : "";

const describePair = (what: string, train: Source, test: Source | undefined, testFrom: string): string => {
  const classes = train.classes === undefined ? "no classes" : count(train.classes.length, "class", "classes");
  const tests = test === undefined ? "no test set" : `${count(test.length, "test image", "test images")}${testFrom}`;
  const bad = (train.bad?.length ?? 0) + (test?.bad?.length ?? 0);
  const left = bad === 0 ? "" : `; ${count(bad, "broken image", "broken images")} left out`;
  return `${what}: ${count(train.length, "image", "images")}${sizeText(train)}, ${classes}, ${tests}${left}.`;
};

const fromParts = (what: string, train: Source, test: Source | undefined, options: DetectOptions): Detected => {
  if (test !== undefined) return { description: describePair(what, train, test, ""), train, test };
  const split = holdOut(train, options.holdOut);
  return { description: describePair(what, split.train, split.test, " held out"), ...split };
};

const idxName = (kind: "images" | "labels", prefix: string) =>
  new RegExp(`^${prefix}[-_.]?${kind}[-.]idx${kind === "images" ? "[34]" : "1"}-ubyte(\\.gz)?$`);

/** The IDX pair of a split among the file names of a folder. */
const idxPair = (
  dir: string,
  files: readonly string[],
  prefix: string,
): { readonly images: string; readonly labels?: string } | undefined => {
  const images = files.find((file) => idxName("images", prefix).test(file));
  const labels = files.find((file) => idxName("labels", prefix).test(file));
  if (images === undefined) return undefined;
  return { images: join(dir, images), ...(labels === undefined ? {} : { labels: join(dir, labels) }) };
};

const detectIdx = async (dir: string, files: readonly string[], options: DetectOptions): Promise<Detected | undefined> => {
  const pair = idxPair(dir, files, "train");
  if (pair === undefined) return undefined;
  const train = await rightOf(idx(pair.images, pair.labels, { name: "idx-train" }));
  const held = idxPair(dir, files, "t10k") ?? idxPair(dir, files, "test");
  const known = train.classes === undefined ? {} : { classes: train.classes };
  const test = held?.labels === undefined ? undefined : await rightOf(idx(held.images, held.labels, { name: "idx-test", ...known }));
  return fromParts(`IDX files in ${dir}`, train, test, options);
};

const detectCifar = async (dir: string, files: readonly string[], options: DetectOptions): Promise<Detected | undefined> => {
  if (!looksLikeCifar(files, "train")) return undefined;
  const train = await rightOf(cifarBinary(dir, { split: "train" }));
  const test = looksLikeCifar(files, "test") ? await rightOf(cifarBinary(dir, { split: "test" })) : undefined;
  return fromParts(`CIFAR binary files in ${dir}`, train, test, options);
};

const detectImages = async (dir: string, folders: readonly string[], options: DetectOptions): Promise<Detected> => {
  const testFolder = ["test", "val", "validation"].find((name) => folders.includes(name));
  if (!folders.includes("train"))
    return fromParts(`image folder ${dir}`, await rightOf(imageFolder(dir, options.folder)), undefined, options);
  const train = await rightOf(imageFolder(join(dir, "train"), options.folder));
  if (testFolder === undefined || train.classes === undefined) return fromParts(`image folder ${dir}`, train, undefined, options);
  const test = await rightOf(imageFolder(join(dir, testFolder), { ...options.folder, classes: train.classes }));
  return fromParts(`image folder ${dir}`, train, test, options);
};

const detectFolder = async (dir: string, options: DetectOptions): Promise<Detected> => {
  const entries = await readdir(dir, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return (await detectIdx(dir, files, options)) ?? (await detectCifar(dir, files, options)) ?? (await detectImages(dir, folders, options));
};

const unknown = (given: string): never => {
  const known = `data sets known by name: ${datasetNames.join(", ")}`;
  if (/[/\\.]/.test(given)) return refuse("data-missing", "no such file or folder", { where: given, fix: `check the path (${known})` });
  const near = suggestion(given, datasetNames);
  return refuse("data-unknown-name", "neither a folder nor the name of a data set", {
    where: given,
    expected: `a folder, or one of ${datasetNames.join(", ")}`,
    ...(near === undefined ? {} : { fix: near }),
  });
};

const detectAny = async (given: string, options: DetectOptions): Promise<Detected> => {
  const named = Object.hasOwn(byName, given) ? byName[given] : undefined;
  if (named !== undefined) {
    const [train, test] = [await rightOf(named("train", options)), await rightOf(named("test", options))];
    return fromParts(given, train, test, options);
  }
  const found = await stat(given).catch(() => undefined);
  if (found === undefined) return unknown(given);
  if (found.isDirectory()) return detectFolder(given, options);
  return refuse("data-not-folder", "a file, not a folder", { where: given, fix: "give the folder that holds the images or data files" });
};

/**
 * Finds out what a path or name stands for: a folder of images (with or without train and test subfolders), a folder with IDX or
 * CIFAR binary files, or a data set known by name. With labels and no test set, a tenth of each class is held out, at most
 * 10,000 images.
 *
 * Errors: data-missing, data-unknown-name with the nearest name, and those of the builders.
 */
export const detect = (pathOrName: string, options: DetectOptions = {}): TaskEither<DataError, Detected> =>
  task(() => detectAny(pathOrName, options));
