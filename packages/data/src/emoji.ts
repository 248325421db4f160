import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@twinview/config";
import { fold, rngOf, uniforms } from "@twinview/core";
import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { type DataError, refuse, task } from "./data-error.ts";
import { openDecoder } from "./decode.ts";
import { inParallel } from "./in-parallel.ts";
import { type PackageOptions, packageFolder } from "./npm-package.ts";
import { type BadFile, type Source, sharedBytes } from "./source.ts";

export interface EmojiOptions extends PackageOptions {
  readonly vendor: "apple" | "google";
  readonly split: "train" | "test";
  /** Skin tone variations: left out (default), or kept in the split of the emoji they vary. */
  readonly skinTones?: "skip" | "keep";
}

/** The fields of emoji.json that are read. */
interface Entry {
  readonly unified: string;
  readonly image: string;
  readonly category: string;
  readonly obsoleted_by?: string;
  readonly skin_variations?: Readonly<Record<string, Drawing>>;
}
interface Drawing {
  readonly image: string;
  readonly has_img_apple: boolean;
  readonly has_img_google: boolean;
}

const version = "16.0.0";
const side = 64;
const testShare = 0.2;

/** The split of an emoji, by its code points alone: the same for every vendor, and unmoved by what else is in the set. */
const isTest = (unified: string): boolean => uniforms(fold(fold(rngOf(0), "emoji split"), unified))() < testShare;

const drawn = (drawing: Drawing, vendor: EmojiOptions["vendor"]): boolean =>
  vendor === "apple" ? drawing.has_img_apple : drawing.has_img_google;

/** Files of one split with their categories. "Component" holds bare skin tones and hair, no emoji, and is left out. */
const select = (entries: readonly (Entry & Drawing)[], { vendor, split, skinTones = "skip" }: EmojiOptions) =>
  entries
    .filter(({ category, obsoleted_by }) => category !== "Component" && obsoleted_by === undefined)
    .filter(({ unified }) => isTest(unified) === (split === "test"))
    .flatMap((entry) => {
      const drawings: Drawing[] = [entry, ...(skinTones === "keep" ? Object.values(entry.skin_variations ?? {}) : [])];
      return drawings.map((drawing) => ({ drawing, category: entry.category }));
    })
    .filter(({ drawing }) => drawn(drawing, vendor))
    .map(({ drawing, category }) => ({ path: drawing.image, category }));

const isEntry = (value: unknown): value is Entry & Drawing => {
  const { unified, image, category } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [unified, image, category].every((field) => typeof field === "string");
};

const readEntries = async (path: string, fix: string): Promise<readonly (Entry & Drawing)[]> => {
  const parsed = parseJson(await readFile(path, "utf8"));
  if (E.isRight(parsed) && Array.isArray(parsed.right) && parsed.right.every(isEntry)) return parsed.right;
  return refuse("data-format", "the list of emoji is damaged", { where: path, fix });
};

const readEmoji = async (options: EmojiOptions): Promise<Source> => {
  const folder = packageFolder(`emoji-datasource-${options.vendor}`, version, options);
  const fix = `npm install emoji-datasource-${options.vendor}@${version}`;
  const entries = await readEntries(join(folder, "emoji.json"), fix);
  const selected = select(entries, options);
  const classes = [...new Set(entries.map((entry) => entry.category))].filter((name) => name !== "Component").sort();
  const decoder = openDecoder(join(folder, "img", options.vendor, String(side)));
  const bad: BadFile[] = [];
  const decoded = await inParallel(selected, 4, async ({ path }) => {
    try {
      const image = await decoder.decode(path);
      if (image.width === side && image.height === side) return image.data;
      throw new Error(`${image.width} x ${image.height} pixels, expected ${side} x ${side}`);
    } catch (thrown) {
      bad.push({ path, reason: (thrown as Error).message });
      return undefined;
    }
  });
  const seen = new Set<string>();
  const kept = decoded.flatMap((data, i) => {
    if (data === undefined) return [];
    const digest = createHash("sha256").update(data).digest("hex");
    if (seen.has(digest)) return []; // some flags of one country are drawn alike under several code points
    seen.add(digest);
    return [{ data, label: classes.indexOf(selected[i]?.category as string) }];
  });
  if (kept.length === 0) refuse("data-unreadable", "no emoji can be read", { where: folder, fix });
  const pixels = sharedBytes(kept.length * side * side * 3);
  kept.forEach(({ data }, i) => {
    pixels.set(data, i * side * side * 3);
  });
  return {
    name: `emoji-${options.vendor}-${options.split}`,
    length: kept.length,
    classes,
    labels: Int32Array.from(kept, ({ label }) => label),
    content: { kind: "resident", pixels, width: side, height: side, channels: 3 },
    bad: bad.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
};

/**
 * Emoji as drawn by Apple or Google, 64 x 64 pixels on white, from the npm package emoji-datasource-apple or -google. The
 * categories (flags, food, animals ...) are the classes; about one emoji in five, chosen by its code points, is in the test
 * split. Exact duplicates within a split are dropped; the packages are optional.
 *
 * Errors: data-package with the command that installs it, data-unreadable, data-read.
 */
export const emoji = (options: EmojiOptions): TaskEither<DataError, Source> => task(() => readEmoji(options));
