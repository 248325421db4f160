import { crc32, deflateSync } from "node:zlib";

/** A part of a PNG: its length, name, data and checksum. */
export const pngPart = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
};

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a channel. Default 8. */
  readonly depth?: number;
  /** As the format numbers them: 0 gray, 2 RGB, 3 palette. Default 2. */
  readonly color?: number;
}

/** The first part of a PNG. */
export const pngHeader = ({ width, height, depth = 8, color = 2 }: PngHeader): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, color, 0, 0, 0], 8);
  return pngPart("IHDR", header);
};

/** The part of a PNG that holds its scanlines, each a filter byte and its values. */
export const pngLines = (lines: Uint8Array): Buffer => pngPart("IDAT", deflateSync(lines));

/** A PNG file of these parts, sound or not. */
export const pngFile = (...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts, pngPart("IEND", Buffer.alloc(0))]);
