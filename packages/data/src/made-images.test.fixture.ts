// Image files made on the spot, for the tests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { onTestFinished } from "vitest";
import { pngFile, pngHeader, pngLines } from "./handmade-png.test.kit.ts";
import { type Source, sharedBytes } from "./source.ts";

/** A folder that disappears with the test. */
export const tempFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "twinview-data-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

/** Smooth bytes [height, width, 3] that differ with `seed`. */
export const smooth = (width: number, height: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin((x * (1 + c) + seed * 7) / width + seed) * Math.cos((y * (3 - c)) / height + seed);
  });

/** The bytes as something sharp can write. */
export const picture = (width: number, height: number, seed: number): Sharp =>
  sharp(Buffer.from(smooth(width, height, seed)), { raw: { width, height, channels: 3 } });

/** Writes files, given as relative path to bytes, below a folder. */
export const write = async (dir: string, files: Readonly<Record<string, Uint8Array | Promise<Uint8Array>>>): Promise<void> => {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), await bytes);
  }
};

/** PNG files `class/number.png` of one size. */
export const classFolders = async (dir: string, counts: Readonly<Record<string, number>>, width = 16, height = 12): Promise<void> => {
  for (const [name, count] of Object.entries(counts)) {
    for (let i = 0; i < count; i++)
      await write(dir, {
        [`${name}/${i}.png`]: picture(width, height, i + name.length)
          .png()
          .toBuffer(),
      });
  }
};

/** A PNG that claims to be width x height pixels, with a header that is sound and almost no data. */
export const claimedPng = (width: number, height: number): Buffer => pngFile(pngHeader({ width, height }), pngLines(Buffer.alloc(64)));

/** The bytes [height, width, 3] as a PNG of 16 bits a channel. */
export const deepPng = (width: number, height: number, rgb: Uint8Array): Buffer => {
  const lines = Buffer.alloc(height * (1 + 6 * width));
  rgb.forEach((value, i) => {
    const y = Math.floor(i / (3 * width));
    lines.writeUInt16BE(value * 257, y * (1 + 6 * width) + 1 + 2 * (i - y * 3 * width));
  });
  return pngFile(pngHeader({ width, height, depth: 16 }), pngLines(lines));
};

/** A resident source of smooth images. */
export const residentSource = (length: number, width = 12, height = 10, classes = 3): Source => {
  const size = width * height * 3;
  const pixels = sharedBytes(length * size);
  for (let i = 0; i < length; i++) pixels.set(smooth(width, height, i), i * size);
  return {
    name: "made",
    length,
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    labels: Int32Array.from({ length }, (_, i) => i % classes),
    content: { kind: "resident", pixels, width, height, channels: 3 },
  };
};
