import { inflateSync } from "node:zlib";

/** The values of an attribute of all elements of a class, in order. */
export const attributes = (markup: string, element: string, className: string, name: string): readonly string[] => {
  const tags = [...markup.matchAll(new RegExp(`<${element}\\b[^>]*class="${className}[^"]*"[^>]*>`, "g"))].map(([tag]) => tag);
  return tags.map((tag) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
};

/** The texts of all `text` elements of a class, in order. */
export const textsOf = (markup: string, className: string): readonly string[] =>
  [...markup.matchAll(new RegExp(`<text class="${className}[^"]*"[^>]*>([^<]*)</text>`, "g"))].map(([, text]) => text as string);

/** A picture taken apart by the letter of the specification; its checks throw. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly palette: Uint8Array;
  readonly alpha: Uint8Array;
  /** [height, width] */
  readonly pixels: Uint8Array;
}

const crcOf = (bytes: Uint8Array): number => {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
};

/** Reads a palette PNG without filters, slowly: every check sum by single bits. */
export const decodePalettePng = (png: Uint8Array): Decoded => {
  if (Buffer.from(png.subarray(0, 8)).toString("latin1") !== "\u0089PNG\r\n\u001a\n") throw new Error("not a PNG");
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const type = Buffer.from(png.subarray(at + 4, at + 8)).toString("latin1");
    if (view.getUint32(at + 8 + length) !== crcOf(png.subarray(at + 4, at + 8 + length))) throw new Error(`${type}: wrong check sum`);
    chunks.set(type, Uint8Array.from(png.subarray(at + 8, at + 8 + length)));
    at += 12 + length;
  }
  if ([...chunks.keys()].join() !== "IHDR,PLTE,tRNS,IDAT,IEND") throw new Error(`chunks ${[...chunks.keys()]}`);
  const header = chunks.get("IHDR") as Uint8Array;
  if ([...header.subarray(8)].join() !== "8,3,0,0,0") throw new Error("not 8 bits from a palette");
  const [width, height] = [
    new DataView(header.buffer, header.byteOffset).getUint32(0),
    new DataView(header.buffer, header.byteOffset).getUint32(4),
  ];
  const rows = inflateSync(chunks.get("IDAT") as Uint8Array);
  if (rows.length !== height * (width + 1)) throw new Error("wrong number of pixels");
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    if (rows[y * (width + 1)] !== 0) throw new Error("a filter");
    for (let x = 0; x < width; x++) pixels[y * width + x] = rows[y * (width + 1) + 1 + x] as number;
  }
  return { width, height, palette: chunks.get("PLTE") as Uint8Array, alpha: chunks.get("tRNS") as Uint8Array, pixels };
};

/** The pictures of all `image` elements. */
export const picturesIn = (markup: string): readonly Decoded[] =>
  [...markup.matchAll(/<image href="data:image\/png;base64,([^"]+)"/g)].map(([, base64]) =>
    decodePalettePng(Buffer.from(base64 as string, "base64")),
  );
