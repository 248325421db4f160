import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { describe, expect, it } from "vitest";
import { cifarBinary } from "./cifar.ts";
import type { DataError } from "./data-error.ts";
import { idx } from "./idx.ts";
import { tempFolder, write } from "./made-images.test.fixture.ts";
import { readImages } from "./read-images.ts";
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
const pixels = ({ content }: Source): number[] => (content.kind === "resident" ? Array.from(content.pixels) : []);

const idxBytes = (shape: readonly number[], values: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => {
    header.writeUInt32BE(length, 4 + 4 * axis);
  });
  return Buffer.concat([header, values]);
};
const counting = (length: number, step: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * step);

describe("idx", () => {
  it("reads images and labels, plain and gzip, gray in one channel", async () => {
    const dir = tempFolder();
    const values = counting(5 * 4 * 3, 3);
    const [images, labels] = [idxBytes([5, 4, 3], values), idxBytes([5], Uint8Array.from([2, 0, 1, 2, 2]))];
    await write(dir, { images, labels, "images.gz": gzipSync(images), "labels.gz": gzipSync(labels) });
    for (const end of ["", ".gz"]) {
      const source = await accepted(idx(join(dir, `images${end}`), join(dir, `labels${end}`)));
      expect(source).toMatchObject({
        length: 5,
        classes: ["0", "1", "2"],
        content: { kind: "resident", width: 3, height: 4, channels: 1 },
      });
      expect(pixels(source)).toEqual([...values]);
      expect([...(source.labels ?? [])]).toEqual([2, 0, 1, 2, 2]);
    }
    const bare = await accepted(idx(join(dir, "images"), undefined, { name: "mine" }));
    expect([bare.name, bare.labels, bare.classes]).toEqual(["mine", undefined, undefined]);
    const { bytes } = await readImages(await accepted(idx(join(dir, "images"))), [1], { size: 3 });
    expect([...bytes.subarray(0, 3)]).toEqual([48, 48, 48].map(() => values[12 + 0] as number)); // rows 0..2 of the four: (4 - 3) / 2 rounds to 1 or 0
  });

  it("reads colour images with a fourth axis", async () => {
    const dir = tempFolder();
    const values = counting(2 * 2 * 2 * 3, 5);
    await write(dir, { images: idxBytes([2, 2, 2, 3], values) });
    const source = await accepted(idx(join(dir, "images")));
    expect(source.content).toMatchObject({ channels: 3, width: 2, height: 2 });
    expect(pixels(source)).toEqual([...values]);
  });

  it("says what is wrong with a file", async () => {
    const dir = tempFolder();
    const good = idxBytes([2, 3, 3], counting(18, 1));
    await write(dir, {
      good,
      cut: good.subarray(0, 25),
      text: Buffer.from("not idx at all"),
      floats: Buffer.from([0, 0, 13, 3, 0, 0]),
      short: Buffer.from([0, 0, 8, 3, 0]),
      none: idxBytes([0, 3, 3], new Uint8Array(0)),
      labels: idxBytes([3], counting(3, 1)),
      far: idxBytes([2], Uint8Array.from([0, 9])),
      gzip: gzipSync(good).subarray(0, 20),
      bomb: gzipSync(Buffer.alloc(64 * 2 ** 20)),
    });
    const at = (name: string): string => join(dir, name);
    expect(await refused(idx(at("cut")))).toMatchObject({
      kind: "data-format",
      where: at("cut"),
      got: "9 bytes of values",
      expected: "18 for the shape [2, 3, 3]",
    });
    expect(await refused(idx(at("text")))).toMatchObject({
      kind: "data-format",
      got: "first bytes 6e6f7420",
      expected: "00 00 08 and 3 or 4 axes",
    });
    expect(await refused(idx(at("floats")))).toMatchObject({ kind: "data-format", got: "first bytes 00000d03" });
    expect(await refused(idx(at("short")))).toMatchObject({ got: "5 bytes", expected: "a header of 16 bytes" });
    expect(await refused(idx(at("none")))).toMatchObject({ what: "IDX file without images", got: "shape [0, 3, 3]" });
    expect(await refused(idx(at("labels")))).toMatchObject({ got: "1 axes", expected: "3 or 4 axes" });
    expect(await refused(idx(at("good"), at("labels")))).toMatchObject({
      what: "images and labels differ in number",
      got: "3 labels",
      expected: "2, as in good",
    });
    expect(await refused(idx(at("good"), at("far"), { classes: ["a", "b"] }))).toMatchObject({ got: "label 9", expected: "0..1" });
    expect((await refused(idx(at("gzip")))).what).toMatch(/^damaged gzip file: /);
    expect((await refused(idx(at("bomb")))).what).toMatch(/^damaged gzip file: /);
    expect(await refused(idx(at("gone")))).toMatchObject({ kind: "data-read", where: at("gone") });
  });
});

/** A record: label bytes, then constant planes of red, green and blue. */
const record = (labels: readonly number[], rgb: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from(labels), ...rgb.map((value) => Buffer.alloc(1024, value))]);

describe("cifarBinary", () => {
  it("reads CIFAR-10 in the order of its files, planes interleaved, names from the names file", async () => {
    const dir = tempFolder();
    await write(dir, {
      "data_batch_2.bin": record([0], [7, 8, 9]),
      "data_batch_1.bin": Buffer.concat([record([1], [1, 2, 3]), record([2], [4, 5, 6])]),
      "test_batch.bin": record([2], [10, 11, 12]),
      "batches.meta.txt": Buffer.from("airplane\nautomobile\nbird\n\n"),
    });
    const train = await accepted(cifarBinary(dir, { split: "train" }));
    expect([train.length, train.classes, [...(train.labels ?? [])]]).toEqual([3, ["airplane", "automobile", "bird"], [1, 2, 0]]);
    expect(pixels(train)).toEqual([1, 4, 7].flatMap((r) => Array.from({ length: 1024 }, () => [r, r + 1, r + 2]).flat()));
    const test = await accepted(cifarBinary(dir, { split: "test", name: "t" }));
    expect([test.name, test.length, pixels(test).slice(0, 3)]).toEqual(["t", 1, [10, 11, 12]]);
  });

  it("reads the fine labels of CIFAR-100", async () => {
    const dir = tempFolder();
    await write(dir, {
      "train.bin": Buffer.concat([record([9, 1], [1, 2, 3]), record([8, 0], [1, 2, 3])]),
      "test.bin": record([0, 0], [0, 0, 0]),
    });
    const train = await accepted(cifarBinary(dir, { split: "train" }));
    expect([train.classes, [...(train.labels ?? [])]]).toEqual([
      ["0", "1"],
      [1, 0],
    ]);
  });

  it("refuses cut and missing files by name", async () => {
    const dir = tempFolder();
    await write(dir, { "data_batch_1.bin": record([1], [1, 2, 3]).subarray(0, 3000) });
    expect(await refused(cifarBinary(dir, { split: "train" }))).toMatchObject({
      kind: "data-format",
      where: join(dir, "data_batch_1.bin"),
      got: "3000 bytes",
      expected: "a multiple of 3073",
    });
    expect(await refused(cifarBinary(dir, { split: "test" }))).toMatchObject({
      kind: "data-format",
      where: dir,
      expected: "test_batch.bin, or test.bin",
    });
  });
});
