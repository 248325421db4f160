import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { DataError } from "./data-error.ts";
import { type ImageFolderOptions, imageFolder } from "./image-folder.ts";
import { claimedPng, classFolders, deepPng, picture, smooth, tempFolder, write } from "./made-images.test.fixture.ts";
import { readImages } from "./read-images.ts";
import type { Source } from "./source.ts";

const read = async (dir: string, options: ImageFolderOptions = {}): Promise<Source> => {
  const result = await imageFolder(dir, options)();
  if (result._tag === "Left") throw new Error(JSON.stringify(result.left));
  return result.right;
};

const refused = async (dir: string, options: ImageFolderOptions = {}): Promise<DataError> => {
  const result = await imageFolder(dir, options)();
  if (result._tag === "Right") throw new Error("was accepted");
  return result.left;
};

/** The pixels of each image of a folder read on demand, [size, size, 3]. */
const pixelsOf = async (source: Source, size: number): Promise<Uint8Array[]> => {
  const { bytes } = await readImages(
    source,
    Array.from({ length: source.length }, (_, i) => i),
    { size },
  );
  return Array.from({ length: source.length }, (_, i) => bytes.subarray(i * size * size * 3, (i + 1) * size * size * 3));
};

const meanError = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + Math.abs(x - (b[i] as number)), 0) / a.length;

describe("imageFolder", () => {
  it("takes first-level folders as classes, sorted, and ignores hidden and other files", async () => {
    const dir = tempFolder();
    await classFolders(dir, { dog: 3, cat: 2 });
    await write(dir, {
      "cat/deep/er/z.png": picture(16, 12, 9).png().toBuffer(),
      ".hidden/x.png": picture(16, 12, 9).png().toBuffer(),
      "cat/.DS_Store": Buffer.from("x"),
      "cat/notes.txt": Buffer.from("not an image"),
      "__MACOSX/cat/0.png": Buffer.from("x"),
    });
    const source = await read(dir, { residentBytes: 0 });
    expect(source.content).toMatchObject({
      kind: "files",
      paths: ["cat/0.png", "cat/1.png", "cat/deep/er/z.png", "dog/0.png", "dog/1.png", "dog/2.png"],
    });
    expect(source.classes).toEqual(["cat", "dog"]);
    expect([...(source.labels ?? [])]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(source.bad).toEqual([]);
  });

  it("knows no classes when images lie flat or all in one folder", async () => {
    const [flat, one] = [tempFolder(), tempFolder()];
    await write(flat, { "a.png": picture(8, 8, 1).png().toBuffer(), "b/b.png": picture(8, 8, 2).png().toBuffer() });
    await classFolders(one, { images: 3 });
    expect((await read(flat)).classes).toBeUndefined();
    expect((await read(one)).classes).toBeUndefined();
    expect((await read(one)).labels).toBeUndefined();
  });

  it("keeps images of one size in memory, byte for byte, and leaves others on disk", async () => {
    const dir = tempFolder();
    await write(dir, { "a.png": picture(16, 12, 1).png().toBuffer(), "b.webp": picture(16, 12, 2).webp({ lossless: true }).toBuffer() });
    const source = await read(dir);
    if (source.content.kind !== "resident") throw new Error("not resident");
    expect(source.content.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(Array.from(source.content.pixels)).toEqual([...smooth(16, 12, 1), ...smooth(16, 12, 2)]);
    expect((await read(dir, { residentBytes: 2 * 16 * 12 * 3 - 1 })).content.kind).toBe("files");
    await write(dir, { "c.png": picture(17, 12, 3).png().toBuffer() });
    expect((await read(dir)).content.kind).toBe("files");
  });

  it("turns every kind of image into 8-bit sRGB", async () => {
    const dir = tempFolder();
    const raw = smooth(16, 16, 4);
    const gray = sharp(Buffer.alloc(256, 77), { raw: { width: 16, height: 16, channels: 1 } });
    const half = Buffer.from(
      Array.from({ length: 256 }, () => [200, 0, 0, 0, 200, 0, 0, 255])
        .flat()
        .slice(0, 1024),
    );
    await write(dir, {
      "a-16bit.png": deepPng(16, 16, raw),
      "b-alpha.png": sharp(half, { raw: { width: 16, height: 16, channels: 4 } })
        .png()
        .toBuffer(),
      "c-cmyk.jpg": picture(16, 16, 4).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
      "d-gray.png": gray.clone().toColourspace("b-w").png().toBuffer(),
      "e-gray.jpg": gray.clone().toColourspace("b-w").jpeg().toBuffer(),
      "f-palette.png": picture(16, 16, 4).png({ palette: true, colours: 256, dither: 0 }).toBuffer(),
      "g-plain.jpg": picture(16, 16, 4).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
    });
    for (const options of [{}, { residentBytes: 0 }]) {
      const [deep, alpha, cmyk, grayPng, grayJpg, palette, plain] = await pixelsOf(await read(dir, options), 16);
      expect(meanError(deep!, raw)).toBeLessThan(0.6);
      expect([...alpha!.subarray(0, 6)]).toEqual([255, 255, 255, 200, 0, 0]);
      expect(meanError(cmyk!, raw)).toBeLessThan(25); // through the printing profile and back
      expect(new Set(grayPng)).toEqual(new Set([77]));
      expect(meanError(grayJpg!, Buffer.alloc(768, 77))).toBeLessThan(1);
      expect(meanError(palette!, raw)).toBeLessThan(4);
      expect(meanError(plain!, raw)).toBeLessThan(1.5);
    }
  });

  it("applies the EXIF rotation", async () => {
    const dir = tempFolder();
    const turnedJpeg = picture(20, 10, 1).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).withMetadata({ orientation: 6 });
    await write(dir, { "a.jpg": turnedJpeg.toBuffer(), "b.png": picture(10, 20, 1).png().toBuffer() });
    const source = await read(dir);
    if (source.content.kind !== "resident") throw new Error("not resident");
    expect([source.content.width, source.content.height]).toEqual([10, 20]);
    const raw = smooth(20, 10, 1);
    // turned a quarter clockwise: the pixel at (x, y) comes from (y, height - 1 - x)
    const turned = Array.from({ length: 600 }, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 10, Math.floor(i / 30)];
      return raw[((9 - x) * 20 + y) * 3 + c] as number;
    });
    expect(meanError(source.content.pixels.subarray(0, 600), turned)).toBeLessThan(2);
  });

  it("names, counts and leaves out broken files of every sort", async () => {
    const dir = tempFolder();
    await classFolders(dir, { a: 4, b: 4 });
    const jpeg = await picture(64, 64, 3).jpeg({ quality: 95 }).toBuffer();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    await write(dir, {
      "a/cut.jpg": jpeg.subarray(0, jpeg.length / 2),
      "a/empty.png": Buffer.alloc(0),
      "a/text.jpg": Buffer.from("hello"),
      "b/vector.png": Buffer.from(svg),
      "b/tiff.png": picture(16, 12, 3).tiff().toBuffer(),
      "b/bomb.png": claimedPng(30_000, 30_000),
    });
    const source = await read(dir, { badLimit: { atLeast: 6 } });
    const reasons = Object.fromEntries((source.bad ?? []).map(({ path, reason }) => [path, reason]));
    // the cut file's header is sound, so its size counts; it is found out when its pixels are wanted
    expect(Object.keys(reasons)).toEqual(["a/empty.png", "a/text.jpg", "b/bomb.png", "b/tiff.png", "b/vector.png"]);
    expect(reasons["a/empty.png"]).toBe("empty file");
    for (const path of ["a/text.jpg", "b/vector.png", "b/tiff.png"]) expect(reasons[path]).toBe("not a JPEG, PNG, WebP, AVIF or GIF file");
    expect(reasons["b/bomb.png"]).toMatch(/pixel limit/);
    expect(source.length).toBe(9);
    const clean = await readImages(
      source,
      Array.from({ length: 9 }, (_, i) => i),
      { size: 8 },
    );
    expect(clean.bad.map(({ path }) => path)).toEqual(["a/cut.jpg"]);
    const at = source.content.kind === "files" ? source.content.paths.indexOf("a/cut.jpg") : -1;
    expect([...clean.indices]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((i) => i !== at));
    expect(clean.bytes.length).toBe(8 * 8 * 8 * 3);
  });

  it("compacts memory around a file that breaks only in its pixels", async () => {
    const dir = tempFolder();
    const png = await picture(16, 12, 5).png().toBuffer();
    await write(dir, {
      "0.png": picture(16, 12, 0).png().toBuffer(),
      "1.png": png.subarray(0, 120),
      "2.png": picture(16, 12, 2).png().toBuffer(),
    });
    const source = await read(dir);
    expect(source.bad?.map(({ path }) => path)).toEqual(["1.png"]);
    if (source.content.kind !== "resident") throw new Error("not resident");
    expect(Array.from(source.content.pixels)).toEqual([...smooth(16, 12, 0), ...smooth(16, 12, 2)]);
  });

  it("follows links inside the folder only, and never in a circle", async () => {
    const [dir, outside] = [tempFolder(), tempFolder()];
    await write(outside, { "secret.png": picture(16, 12, 1).png().toBuffer() });
    await classFolders(dir, { a: 2, b: 1 });
    symlinkSync(join(outside, "secret.png"), join(dir, "a", "out.png"));
    symlinkSync(outside, join(dir, "b", "folder"));
    symlinkSync(join(dir, "a", "0.png"), join(dir, "b", "inside.png"));
    symlinkSync(dir, join(dir, "b", "circle"));
    symlinkSync("nowhere", join(dir, "b", "nowhere.png"));
    const source = await read(dir, { residentBytes: 0 });
    expect(source.content).toMatchObject({ paths: ["a/0.png", "a/1.png", "b/0.png", "b/inside.png"] });
    // a link swapped in later is refused when the file is opened
    const swapped: Source = {
      ...source,
      content: { kind: "files", root: source.content.kind === "files" ? source.content.root : "", paths: ["a/out.png"] },
    };
    expect((await readImages(swapped, [0], { size: 8 })).bad).toEqual([{ path: "a/out.png", reason: "leads outside the data folder" }]);
  });

  it("is not held up by pipes and folders that are named like images", async () => {
    const dir = tempFolder();
    await classFolders(dir, { a: 2, b: 1 });
    execFileSync("mkfifo", [join(dir, "a", "pipe.png")]);
    mkdirSync(join(dir, "a", "folder.png"));
    const source = await read(dir);
    expect(source.length).toBe(3);
    const odd: Source = { ...source, content: { kind: "files", root: dir, paths: ["a/pipe.png", "a/folder.png", "a/gone.png"] } };
    const { bad } = await readImages(odd, [0, 1, 2], { size: 8 });
    expect(Object.fromEntries(bad.map(({ path, reason }) => [path, reason]))).toEqual({
      "a/pipe.png": "not a regular file",
      "a/folder.png": "not a regular file",
      "a/gone.png": "file not found",
    });
  });

  it("refuses with one error of its own kind", async () => {
    const [empty, single, broken, many, train] = [tempFolder(), tempFolder(), tempFolder(), tempFolder(), tempFolder()];
    await write(single, { "a.png": picture(8, 8, 1).png().toBuffer() });
    await write(broken, { "a.png": Buffer.from("x"), "b.jpg": Buffer.from("y") });
    await classFolders(many, { a: 4, b: 4 });
    for (let i = 0; i < 6; i++) writeFileSync(join(many, "a", `bad${i}.png`), "x");
    await classFolders(train, { a: 2, zebra: 2 });
    expect(await refused(join(empty, "gone"))).toMatchObject({ kind: "data-missing", what: "no such folder" });
    expect(await refused(join(single, "a.png"))).toMatchObject({ kind: "data-not-folder", fix: "give the folder that holds the images" });
    expect(await refused(empty)).toMatchObject({ kind: "data-empty", expected: "files ending in .jpg .jpeg .jpe .png .webp .avif .gif" });
    expect(await refused(single)).toMatchObject({ kind: "data-one-image", got: "a.png" });
    expect(await refused(broken)).toMatchObject({ kind: "data-unreadable", what: "none of the 2 images can be decoded" });
    expect(await refused(many)).toMatchObject({ kind: "data-too-many-bad", got: "6 broken images", expected: "at most 5" });
    expect((await refused(many)).what).toMatch(/^6 of 14 images cannot be decoded: a\/bad0\.png \(.*\), a\/bad1/);
    expect(await refused(train, { classes: ["a", "b"] })).toMatchObject({
      kind: "data-classes",
      got: 'class folder "zebra"',
      expected: "one of a, b",
    });
  });
});
