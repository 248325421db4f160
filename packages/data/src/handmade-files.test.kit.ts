import sharp, { type Sharp } from "sharp";
import { pngLines } from "./handmade-png.test.kit.ts";

/** A picture of one colour. */
export const plain = (width: number, height: number): Sharp => sharp({ create: { width, height, channels: 3, background: "#c08040" } });

/** A copy of a file with some bytes changed. */
export const patched = (bytes: Uint8Array, patch: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  patch(copy);
  return copy;
};

/** Where a baseline JPEG says its height and width, two bytes each. */
export const jpegSizeAt = (file: Buffer): number => file.indexOf(Buffer.from([0xff, 0xc0])) + 5;

/** The scanlines of a black PNG. */
export const evenLines = (width: number, height: number): Buffer => pngLines(Buffer.alloc(height * (1 + 3 * width)));
