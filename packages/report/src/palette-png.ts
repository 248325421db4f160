import { crc32, deflateSync } from "node:zlib";

/** A colour as red, green and blue, 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
};

const header = (width: number, height: number): Uint8Array => {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set([8, 3], 8); // 8 bits a pixel, from a palette
  return bytes;
};

/**
 * A PNG file of pixels that name colours of a palette. Shapes: `indices [height, width]`, row by row; palette of 256 colours at most.
 * The first colour is transparent.
 * @see W3C, Portable Network Graphics (PNG) Specification.
 */
export const palettePng = ({
  width,
  height,
  indices,
  palette,
}: {
  readonly width: number;
  readonly height: number;
  readonly indices: Uint8Array;
  readonly palette: readonly Rgb[];
}): Uint8Array => {
  const rows = new Uint8Array((width + 1) * height); // each row starts with its filter, 0: none
  for (let row = 0; row < height; row++) rows.set(indices.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  return Buffer.concat([
    signature,
    chunk("IHDR", header(width, height)),
    chunk("PLTE", Uint8Array.from(palette.flat())),
    chunk("tRNS", Uint8Array.of(0)),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
};

/** A PNG file as the source of an image. */
export const pngDataUri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
