import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Image } from "@twinview/augment";
import sharp, { type SharpOptions } from "sharp";
import { looksLikeImage } from "./image-format.ts";

/** The formats that are read. */
export const imageExtensions: readonly string[] = [".jpg", ".jpeg", ".jpe", ".png", ".webp", ".avif", ".gif"];

/**
 * Decoders of libvips that are switched off, though files that would reach them are refused by their first bytes. Each by its name:
 * to switch all off and some on again would for a moment refuse sound images in other threads, as the switches belong to the process.
 */
const shut = [
  ...["Analyze", "Csv", "Dcraw", "Fits", "Jp2k", "Jxl", "Magick", "Magick7", "Mat", "Matrix", "Nifti", "OpenExr", "Openslide"],
  ...["Pdf", "Ppm", "Rad", "Raw", "Svg", "Tiff", "Uhdr", "Vips"],
].map((name) => `VipsForeignLoad${name}`);

const maxPixels = 100e6;
const maxFileBytes = 256 * 2 ** 20;
const timeoutSeconds = 20;

/** Decodes one image file to bytes; rejects with the reason when it cannot. */
export interface Decoder {
  /**
   * @param path relative to the root, with forward slashes
   * @param shortSide when given, a larger image is shrunk until its shorter side has this many pixels: a JPEG then skips most
   *   of its decoding. Smaller images are never enlarged.
   */
  readonly decode: (path: string, shortSide?: number) => Promise<Image>;
  /** Size in pixels after the EXIF rotation, read from the header alone. */
  readonly sizeOf: (path: string) => Promise<{ readonly width: number; readonly height: number }>;
}

/** Neither through a link that took the place of the file meanwhile, nor waiting for the other end of a pipe. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Reads a regular file inside the root; refuses links that lead out, folders, pipes, and files too large to be one image. */
const readInside = async (root: string, path: string): Promise<Buffer> => {
  const real = await realpath(join(root, path));
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) throw new Error("leads outside the data folder");
  const file = await open(real, openFlags);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error("not a regular file");
    if (found.size === 0) throw new Error("empty file");
    if (found.size > maxFileBytes)
      throw new Error(`file of ${Math.round(found.size / 2 ** 20)} MB, the limit is ${maxFileBytes / 2 ** 20} MB`);
    const bytes = await file.readFile();
    if (!looksLikeImage(bytes)) throw new Error("not a JPEG, PNG, WebP, AVIF or GIF file");
    return bytes;
  } finally {
    await file.close();
  }
};

const options: SharpOptions = {
  limitInputPixels: maxPixels,
  // "error" refuses truncated and damaged files; "warning" would also refuse sound ones with an odd colour profile.
  failOn: "error",
  sequentialRead: true,
  autoOrient: true,
};

const pixelsOf = async (input: Buffer, shortSide: number | undefined): Promise<Image> => {
  const image = sharp(input, options).timeout({ seconds: timeoutSeconds });
  if (shortSide !== undefined) image.resize({ width: shortSide, height: shortSide, fit: "outside", withoutEnlargement: true });
  const { data, info } = await image
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return { width: info.width, height: info.height, data };
  if (info.channels !== 1) throw new Error(`${info.channels} channels after conversion, expected 3`);
  const rgb = new Uint8Array(data.length * 3);
  for (let i = 0; i < data.length; i++) rgb.fill(data[i] as number, 3 * i, 3 * i + 3);
  return { width: info.width, height: info.height, data: rgb };
};

/** What the operating system means. */
const causes: Readonly<Record<string, string>> = {
  ENOENT: "file not found",
  ENOTDIR: "file not found",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ELOOP: "a link that leads in a circle",
  ENAMETOOLONG: "its name is too long for this system",
  ENXIO: "not a regular file", // a socket
  EISDIR: "not a regular file",
  ERR_INVALID_ARG_VALUE: "its name holds a zero byte",
};

/** A file that cannot be decoded, or a folder that cannot be read, as an error with its reason. */
export const reasonOf = (thrown: unknown): Error => {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  if (Object.hasOwn(causes, code)) return new Error(causes[code]);
  // libvips repeats itself over several lines; the first says it all. Its error text is shared by the threads of the process and
  // sometimes gone when it is read.
  const reason = message.split("\n")[0]?.trim() ?? "";
  return new Error(reason === "" || reason === "Unknown error" ? "cannot be decoded" : reason);
};

/**
 * Opens the decoder of a folder. Every image comes out as 8-bit sRGB [height, width, 3]: transparent parts on white, gray, 16-bit
 * and CMYK converted, EXIF rotation applied, the first frame of an animation.
 *
 * sharp's settings belong to the whole process: one thread an image, no cache, no decoders of other formats than
 * those above: no SVG, PDF, TIFF or ImageMagick.
 */
export const openDecoder = (root: string): Decoder => {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: shut });
  const decode = async (path: string, shortSide?: number): Promise<Image> => {
    try {
      return await pixelsOf(await readInside(root, path), shortSide);
    } catch (thrown) {
      throw reasonOf(thrown);
    }
  };
  const sizeOf = async (path: string): Promise<{ width: number; height: number }> => {
    try {
      const { autoOrient } = await sharp(await readInside(root, path), options).metadata();
      return { width: autoOrient.width, height: autoOrient.height };
    } catch (thrown) {
      throw reasonOf(thrown);
    }
  };
  return { decode, sizeOf };
};
