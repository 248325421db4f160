import { join } from "node:path";
import sharp from "sharp";
import { expect, it, describe as suite } from "vitest";
import type { DataError } from "./data-error.ts";
import { describe } from "./describe.ts";
import { type Detected, detect } from "./detect.ts";
import { imageFolder } from "./image-folder.ts";
import { classFolders, picture, residentSource, smooth, tempFolder, write } from "./made-images.test.fixture.ts";
import { toPngDataUri } from "./png.ts";
import { readImages } from "./read-images.ts";

const found = async (path: string): Promise<Detected> => {
  const result = await detect(path)();
  if (result._tag === "Left") throw new Error(JSON.stringify(result.left));
  return result.right;
};
const refused = async (path: string): Promise<DataError> => {
  const result = await detect(path, { packageRoot: tempFolder() })();
  if (result._tag === "Right") throw new Error(result.right.description);
  return result.left;
};

const idxFile = (shape: readonly number[], fill: (i: number) => number): Buffer => {
  const size = shape.reduce((a, b) => a * b, 1);
  const header = [0, 0, 8, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255])];
  return Buffer.from([...header, ...Array.from({ length: size }, (_, i) => fill(i))]);
};

suite("detect", () => {
  it("finds class folders and holds out a tenth of each class", async () => {
    const dir = tempFolder();
    await classFolders(dir, { a: 20, b: 10 });
    const { description, train, test } = await found(dir);
    expect(description).toBe(`image folder ${dir}: 27 images of 16 x 12 pixels, 2 classes, 3 test images held out.`);
    expect([train.length, [...(test?.labels ?? [])]]).toEqual([27, [0, 0, 1]]);
  });

  it("finds flat images, without a test set, and says how many are broken", async () => {
    const dir = tempFolder();
    for (let i = 0; i < 3; i++)
      await write(dir, {
        [`${i}.jpg`]: picture(20 + i, 16, i)
          .jpeg()
          .toBuffer(),
      });
    await write(dir, { "bad.png": Buffer.from("x") });
    const { description, test } = await found(dir);
    expect(description).toBe(`image folder ${dir}: 3 images, no classes, no test set; 1 broken image left out.`);
    expect(test).toBeUndefined();
  });

  it("finds train and test or val folders, with the classes of train", async () => {
    for (const name of ["test", "val"]) {
      const dir = tempFolder();
      await classFolders(join(dir, "train"), { a: 3, b: 2, c: 2 });
      await classFolders(join(dir, name), { b: 1, c: 2 });
      const { description, train, test } = await found(dir);
      expect(description).toBe(`image folder ${dir}: 7 images of 16 x 12 pixels, 3 classes, 3 test images.`);
      expect([train.length, test?.classes, [...(test?.labels ?? [])]]).toEqual([7, ["a", "b", "c"], [1, 2, 2]]);
    }
  });

  it("finds IDX files by their usual names, with and without a test set", async () => {
    const dir = tempFolder();
    await write(dir, { "train-images-idx3-ubyte": idxFile([40, 3, 4], (i) => i), "train-labels-idx1-ubyte": idxFile([40], (i) => i % 2) });
    expect((await found(dir)).description).toBe(`IDX files in ${dir}: 36 images of 4 x 3 pixels, gray, 2 classes, 4 test images held out.`);
    await write(dir, { "t10k-images.idx3-ubyte": idxFile([5, 3, 4], (i) => i), "t10k-labels.idx1-ubyte": idxFile([5], (i) => i % 2) });
    expect((await found(dir)).description).toBe(`IDX files in ${dir}: 40 images of 4 x 3 pixels, gray, 2 classes, 5 test images.`);
  });

  it("finds CIFAR's binary files", async () => {
    const dir = tempFolder();
    const records = (n: number): Buffer =>
      Buffer.concat(Array.from({ length: n }, (_, i) => Buffer.concat([Buffer.from([i % 2]), Buffer.alloc(3072, i)])));
    await write(dir, { "data_batch_1.bin": records(4), "data_batch_2.bin": records(3), "test_batch.bin": records(2) });
    expect((await found(dir)).description).toBe(`CIFAR binary files in ${dir}: 7 images of 32 x 32 pixels, 2 classes, 2 test images.`);
  });

  it("refuses what it cannot find with one error of its own kind", async () => {
    const dir = tempFolder();
    await write(dir, { "one/a.png": picture(8, 8, 1).png().toBuffer() });
    expect(await refused("fashon-mnist")).toEqual({
      kind: "data-unknown-name",
      what: "neither a folder nor the name of a data set",
      where: "fashon-mnist",
      expected: "a folder, or one of fashion-mnist, emoji-apple, emoji-google",
      fix: 'did you mean "fashion-mnist"?',
    });
    expect(await refused("constructor")).toMatchObject({ kind: "data-unknown-name" });
    expect(await refused(join(dir, "gone"))).toMatchObject({ kind: "data-missing", what: "no such file or folder" });
    expect(await refused(join(dir, "one", "a.png"))).toMatchObject({ kind: "data-not-folder" });
    expect(await refused(dir)).toMatchObject({ kind: "data-one-image", got: "one/a.png" });
    expect(await refused(tempFolder())).toMatchObject({ kind: "data-empty" });
    expect(await refused("emoji-apple")).toMatchObject({ kind: "data-package", fix: "npm install emoji-datasource-apple@16.0.0" });
  });
});

suite("describe", () => {
  it("gives the size of resident images and the median size of files", async () => {
    expect(await describe(residentSource(5))).toEqual({
      length: 5,
      classes: ["class 0", "class 1", "class 2"],
      width: 12,
      height: 10,
      uniform: true,
      channels: 3,
    });
    const dir = tempFolder();
    for (const [i, width] of [10, 50, 30].entries())
      await write(dir, {
        [`${i}.png`]: picture(width, 20 + i, i)
          .png()
          .toBuffer(),
      });
    const result = await imageFolder(dir)();
    if (result._tag === "Left") throw new Error(result.left.what);
    expect(await describe(result.right)).toEqual({ length: 3, width: 30, height: 21, uniform: false, channels: 3 });
  });
});

suite("readImages and toPngDataUri", () => {
  it("give resident images of the right size back byte for byte, in the order asked for", async () => {
    const source = residentSource(6, 8, 8);
    const { bytes, indices, bad } = await readImages(source, [4, 0], { size: 8 });
    expect(Buffer.from(bytes)).toEqual(Buffer.from([...smooth(8, 8, 4), ...smooth(8, 8, 0)]));
    expect([[...indices], bad]).toEqual([[4, 0], []]);
  });

  it("shrink large files by the decoder to nearly what the full image gives", async () => {
    const dir = tempFolder();
    await write(dir, { "a.jpg": picture(400, 300, 1).jpeg({ quality: 95 }).toBuffer(), "b.png": picture(400, 300, 1).png().toBuffer() });
    const result = await imageFolder(dir, { residentBytes: 0 })();
    if (result._tag === "Left") throw new Error(result.left.what);
    const { bytes } = await readImages(result.right, [0, 1], { size: 24 });
    const resident = residentSource(0);
    const full = { ...resident, content: { kind: "resident", pixels: smooth(400, 300, 1), width: 400, height: 300, channels: 3 } as const };
    const want = await readImages(full, [0], { size: 24 });
    for (const at of [0, 1]) {
      const error = want.bytes.reduce((sum, x, i) => sum + Math.abs(x - (bytes[at * 1728 + i] as number)), 0) / 1728;
      expect(error).toBeLessThan(1.5);
    }
  });

  it("writes a PNG that reads back as the same bytes", async () => {
    const uri = await toPngDataUri({ width: 9, height: 5, data: smooth(9, 5, 2) });
    expect(uri).toMatch(/^data:image\/png;base64,/);
    const { data } = await sharp(Buffer.from(uri.split(",")[1] as string, "base64"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(data).toEqual(Buffer.from(smooth(9, 5, 2)));
  });
});
