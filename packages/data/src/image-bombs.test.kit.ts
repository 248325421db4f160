import { deflateSync } from "node:zlib";
import type { Sharp } from "sharp";
import { evenLines, jpegSizeAt, patched, plain } from "./handmade-files.test.kit.ts";
import { pngFile, pngHeader, pngLines, pngPart } from "./handmade-png.test.kit.ts";
import type { Fate, HostileImage } from "./hostile-images.test.kit.ts";

/** Where the value of a tag lies in a TIFF file with little-endian numbers. */
const tiffValue = (file: Buffer, tag: number): number => {
  const first = file.readUInt32LE(4);
  for (let at = first + 2; at < first + 2 + 12 * file.readUInt16LE(first); at += 12) if (file.readUInt16LE(at) === tag) return at + 8;
  throw new RangeError(`no tag ${tag}`);
};

/**
 * Small files that unpack to much: six that claim hundreds of millions of pixels, one a format, and PNG files with 300 MB of zeros behind
 * a picture of 16 x 16.
 */
export const imageBombs = async (): Promise<readonly HostileImage[]> => {
  const base = (): Sharp => plain(64, 64);
  const jpeg = await base().jpeg().toBuffer();
  const webp = await base().webp().toBuffer();
  const gif = await base().gif().toBuffer();
  const avif = await base().avif().toBuffer();
  const tiff = await base().tiff().toBuffer();
  const frame = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 64, 0, 64, 0]));
  const zeros = deflateSync(Buffer.alloc(300e6));
  const small = pngHeader({ width: 16, height: 16 });
  const named = Buffer.concat([Buffer.from("x\0\0", "latin1"), zeros]);
  const bomb = (name: string, bytes: Uint8Array, fate: Fate = "refused"): HostileImage => ({ name, bytes, fate });
  return [
    bomb("30000x30000.png", pngFile(pngHeader({ width: 30_000, height: 30_000 }), pngLines(Buffer.alloc(64)))),
    bomb(
      "60000x60000.jpg",
      patched(jpeg, (copy) => copy.writeUInt32BE(0xea60ea60, jpegSizeAt(copy))),
    ),
    bomb(
      "16383x16383.webp",
      patched(webp, (copy) => copy.writeUInt32LE(0x3fff3fff, copy.indexOf("VP8 ") + 14)),
    ),
    bomb(
      "60000x60000.gif",
      patched(gif, (copy) => copy.writeUInt32LE(0xea60ea60, frame + 5)),
    ),
    bomb(
      "30000x30000.avif",
      patched(avif, (copy) => copy.fill(Buffer.from([0, 0, 0x75, 0x30]), copy.indexOf("ispe") + 8, copy.indexOf("ispe") + 16)),
    ),
    bomb(
      "30000x30000.tiff.png",
      patched(tiff, (copy) => {
        for (const tag of [256, 257]) copy.writeUInt16LE(30_000, tiffValue(copy, tag));
      }),
    ),
    bomb("lines-of-300-MB.png", pngFile(small, pngPart("IDAT", zeros)), "either"),
    bomb("profile-of-300-MB.png", pngFile(small, pngPart("iCCP", named), evenLines(16, 16)), "either"),
    bomb("text-of-300-MB.png", pngFile(small, pngPart("zTXt", named), evenLines(16, 16)), "either"),
  ];
};
