import { fold, rngOf, uniforms } from "@twinview/core";
import sharp, { type Sharp } from "sharp";
import { animated, brokenPngs, claims, oddPictures } from "./odd-images.test.kit.ts";

/** What becomes of a hostile file: decoded, refused with a reason, or one of the two, as for a flipped bit that may not matter. */
export type Fate = "sound" | "refused" | "either";

/** A file that would harm a careless reader of images. */
export interface HostileImage {
  /** Name of the file, which says what is odd about it; different for each. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fate: Fate;
}

const [width, height] = [48, 36];

/** A picture with structure and noise, so that no part of its file is idle. */
const base = (): Sharp => {
  const draw = uniforms(fold(rngOf(0), "hostile images"));
  const data = Buffer.from(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 90 * Math.sin(i / (5 + (i % 3))) + 30 * (draw() - 0.5)),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
};

const formats = ["jpeg", "png", "webp", "avif", "gif"] as const;
type Format = (typeof formats)[number];

/** Cut after every twentieth of the file. */
const truncated = (format: Format, whole: Uint8Array): readonly HostileImage[] =>
  Array.from({ length: 19 }, (_, i) => ({
    name: `cut-${5 * (i + 1)}.${format}`,
    bytes: whole.subarray(0, Math.floor((whole.length * (i + 1)) / 20)),
    fate: "refused",
  }));

/** One to eight bits turned over, anywhere in the file. */
const flipped = (format: Format, whole: Uint8Array, count: number): readonly HostileImage[] =>
  Array.from({ length: count }, (_, n) => {
    const draw = uniforms(fold(fold(rngOf(1), format), n));
    const bytes = Uint8Array.from(whole);
    for (let bits = 1 << (n % 4); bits > 0; bits--) {
      const at = Math.floor(draw() * bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(draw() * 8));
    }
    return { name: `flip-${n}.${format}`, bytes, fate: "either" };
  });

const texts: Readonly<Record<string, string>> = {
  "svg.png": `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>`,
  "svg-entities.jpg": `<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg>&b;</svg>`,
  "pdf.jpg": "%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n",
  "postscript.png": "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
  "html.gif": "<!doctype html><script>alert(1)</script>",
  "json.webp": '{"image": true}',
  "magick.jpg": "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'label:@/etc/passwd'\npop graphic-context\n",
  "portable.png": "P3 2 2 255 255 0 0 0 255 0 0 0 255 9 9 9\n",
  "csv.jpg": "1,2,3\n4,5,6\n",
  "script.jpg": "#!/bin/sh\nexit 1\n",
  "blank.png": " ",
  "newlines.gif": "\n\n\n\n",
  "path.jpg": "/etc/passwd",
  "link.png": "https://example.invalid/x.png",
  "zip.jpg": "PK\u0003\u0004\u0014\u0000\u0000\u0000\u0000\u0000",
  "gzip.png": "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000",
  "program.png": "\u007fELF\u0002\u0001\u0001\u0000",
  "bitmap.jpg": "BM\u0046\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0036\u0000",
  "icon.png": "\u0000\u0000\u0001\u0000\u0001\u0000\u0010\u0010",
  "heic.avif": "\u0000\u0000\u0000\u0018ftypheic\u0000\u0000\u0000\u0000mif1heic",
  "movie.avif": "\u0000\u0000\u0000\u0018ftypisom\u0000\u0000\u0002\u0000isomiso2",
};

const signatures: Readonly<Record<Format, string>> = {
  jpeg: "\u00ff\u00d8\u00ff",
  png: "\u0089PNG\r\n\u001a\n",
  webp: "RIFF\u0020\u0000\u0000\u0000WEBP",
  avif: "\u0000\u0000\u0000\u0018ftypavif",
  gif: "GIF89a",
};

/** Only the first bytes of a format, and those before noise. */
const impostors = (format: Format): readonly HostileImage[] => {
  const start = Buffer.from(signatures[format], "latin1");
  const draw = uniforms(fold(fold(rngOf(2), "noise"), format));
  const noise = Uint8Array.from({ length: 4000 }, () => 256 * draw());
  return [
    { name: `signature.${format}`, bytes: start, fate: "refused" },
    { name: `noise.${format}`, bytes: Buffer.concat([start, noise]), fate: "refused" },
    { name: `zeros.${format}`, bytes: Buffer.concat([start, Buffer.alloc(4000)]), fate: "refused" },
    { name: `empty.${format}`, bytes: new Uint8Array(0), fate: "refused" },
  ];
};

/** A sound file under the ending of another format, and with something behind or before it. */
const dressed = (format: Format, whole: Uint8Array): readonly HostileImage[] => {
  const other = formats[(formats.indexOf(format) + 1) % formats.length] as Format;
  return [
    { name: `really-${format}.${other}`, bytes: whole, fate: "sound" },
    {
      name: `followed-by-a-zip.${format}`,
      bytes: Buffer.concat([whole, Buffer.from(texts["zip.jpg"] as string, "latin1")]),
      fate: "either",
    },
    { name: `followed-by-itself.${format}`, bytes: Buffer.concat([whole, whole]), fate: "either" },
    { name: `behind-a-byte.${format}`, bytes: Buffer.concat([Buffer.from([0]), whole]), fate: "refused" },
  ];
};

/**
 * Some three hundred files that would harm a careless reader: cut after every twentieth, with bits turned over, of other formats than
 * their endings say, odd but sound (CMYK, 16 bits, animated, turned by EXIF, one pixel), and not images at all. The same at every call.
 */
export const hostileImages = async (): Promise<readonly HostileImage[]> => {
  const files: HostileImage[] = [];
  for (const format of formats) {
    const whole = await base().toFormat(format, { quality: 80 }).toBuffer();
    files.push(...truncated(format, whole), ...flipped(format, whole, 16), ...impostors(format), ...dressed(format, whole));
  }
  for (const [name, text] of Object.entries(texts)) files.push({ name, bytes: Buffer.from(text, "latin1"), fate: "refused" });
  return [...files, ...(await oddPictures(base)), ...(await animated(base)), ...(await brokenPngs(base)), ...(await claims(base))];
};
