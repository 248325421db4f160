import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fold, normals, rngOf } from "@twinview/core";
import sharp from "sharp";

/** Files in the folder. */
export const jpegCount = 16;
const [width, height] = [500, 375]; // the usual size of ImageNet's files
const coarse = 12;
const quality = 90;

/**
 * A folder of JPEG files of the size and weight of ImageNet's photos (500 x 375, about 100 kB): smooth shapes with some grain.
 * Made once in `folder`; the same pixels everywhere.
 */
export const jpegFolder = async (folder: string): Promise<string> => {
  const target = join(folder, "jpeg");
  if (existsSync(target)) return target;
  await mkdir(target);
  for (let i = 0; i < jpegCount; i++) {
    const normal = normals(fold(rngOf(i), "jpeg"));
    const draw = (count: number, spread: number): Uint8Array =>
      Uint8Array.from({ length: count }, () => Math.max(0, Math.min(255, Math.round(128 + spread * normal()))));
    const shapes = await sharp(draw(coarse * coarse * 3, 60), { raw: { width: coarse, height: coarse, channels: 3 } })
      .resize(width, height, { kernel: "cubic", fit: "fill" })
      .raw()
      .toBuffer();
    const grain = draw(width * height * 3, 8);
    const pixels = shapes.map((value, at) => value + (grain[at] as number) - 128);
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toFile(join(target, `${String(i).padStart(2, "0")}.jpg`));
  }
  return target;
};
