import sharp, { type Sharp } from "sharp";
import { evenLines, jpegSizeAt, patched, plain } from "./handmade-files.test.kit.ts";
import { pngFile, pngHeader, pngLines, pngPart } from "./handmade-png.test.kit.ts";
import type { Fate, HostileImage } from "./hostile-images.test.kit.ts";

type Make = () => Sharp;

const made = async (name: string, image: Sharp, fate: Fate = "sound"): Promise<HostileImage> => ({
  name,
  bytes: await image.toBuffer(),
  fate,
});

/** Sound pictures of rare kinds: colours, depths, sizes, orientations, ways to store them. */
export const oddPictures = async (base: Make): Promise<readonly HostileImage[]> => {
  const clear = (): Sharp => base().ensureAlpha(0.5);
  const sizes = [1, 2, 3].map((side) => [side, side] as const).concat([[1, 4000] as never, [4000, 1] as never]);
  return Promise.all([
    made("cmyk.jpg", base().toColourspace("cmyk").jpeg()),
    made("gray.jpg", base().grayscale().jpeg()),
    made("progressive.jpg", base().jpeg({ progressive: true })),
    made("whole-chroma.jpg", base().jpeg({ chromaSubsampling: "4:4:4" })),
    made("worst.jpg", base().jpeg({ quality: 1 })),
    made("deep.png", base().toColourspace("rgb16").png()),
    made("deep-gray.png", base().toColourspace("grey16").png()),
    made("gray.png", base().grayscale().png()),
    made("clear.png", clear().png()),
    made("clear-gray.png", clear().grayscale().png()),
    made("palette.png", base().png({ palette: true })),
    made("one-bit.png", base().threshold().png({ palette: true, colours: 2 })),
    made("interlaced.png", base().png({ progressive: true })),
    made("lossless.webp", base().webp({ lossless: true })),
    made("clear.webp", clear().webp()),
    made("clear.avif", clear().avif()),
    made("deep.avif", base().avif({ bitdepth: 10 }), "either"),
    made("clear.gif", clear().gif()),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => made(`turned-${orientation}.jpg`, base().jpeg().withMetadata({ orientation }))),
    made("turned.webp", base().webp().withMetadata({ orientation: 5 })),
    made("turned.png", base().png().withMetadata({ orientation: 7 })),
    ...sizes.flatMap(([width, height]) => [
      made(`size-${width}x${height}.png`, plain(width, height).png()),
      made(`size-${width}x${height}.jpg`, plain(width, height).jpeg()),
    ]),
    made("one-pixel.webp", plain(1, 1).webp()),
    made("one-pixel.avif", plain(1, 1).avif()),
    made("one-pixel.gif", plain(1, 1).gif()),
    made("other.tiff.jpg", base().tiff(), "refused"),
    made("big-tiff.png", base().tiff({ bigtiff: true }), "refused"),
  ]);
};

/** Animations: their first frame counts. */
export const animated = async (base: Make): Promise<readonly HostileImage[]> => {
  const frames = await Promise.all([0, 90, 180].map((turn) => base().modulate({ hue: turn }).png().toBuffer()));
  const joined = (): Sharp => sharp(frames, { join: { animated: true } });
  return Promise.all([made("animated.gif", joined().gif()), made("animated.webp", joined().webp())]);
};

const lines = (width: number, height: number): Buffer => pngLines(Buffer.alloc(height * (1 + 3 * width), 77).fill(0, 0, 1));

/** PNG files whose parts contradict each other. */
export const brokenPngs = async (base: Make): Promise<readonly HostileImage[]> => {
  const [width, height] = [16, 12];
  const header = pngHeader({ width, height });
  const sound = await base().png().toBuffer();
  const wrongSum = Uint8Array.from(sound);
  wrongSum[29] = (wrongSum[29] as number) ^ 1; // in the checksum of the header
  const png = (name: string, fate: Fate, ...parts: readonly Uint8Array[]): HostileImage => ({ name, bytes: pngFile(...parts), fate });
  return [
    { name: "wrong-checksum.png", bytes: wrongSum, fate: "either" },
    png("no-width.png", "refused", pngHeader({ width: 0, height }), lines(1, height)),
    png("no-height.png", "refused", pngHeader({ width, height: 0 }), lines(width, 1)),
    png("depth-7.png", "refused", pngHeader({ width, height, depth: 7 }), evenLines(width, height)),
    png("colour-5.png", "refused", pngHeader({ width, height, color: 5 }), evenLines(width, height)),
    png("filter-77.png", "refused", header, lines(width, height)),
    png("no-palette.png", "refused", pngHeader({ width, height, color: 3 }), pngLines(Buffer.alloc(height * (1 + width)))),
    png("no-lines.png", "refused", header),
    png("few-lines.png", "refused", header, evenLines(width, height - 3)),
    png("many-lines.png", "either", header, evenLines(width, 50 * height)),
    png("lines-first.png", "refused", evenLines(width, height), header),
    png("two-headers.png", "either", header, pngHeader({ width: 9, height: 9 }), evenLines(width, height)),
    png("raw-lines.png", "refused", header, pngPart("IDAT", Buffer.alloc(height * (1 + 3 * width)))),
    png("odd-part.png", "either", header, pngPart("evIL", Buffer.alloc(99)), evenLines(width, height)),
    png("needed-part.png", "either", header, pngPart("EVIL", Buffer.alloc(99)), evenLines(width, height)),
    png("profile-of-noise.png", "either", header, pngPart("iCCP", Buffer.from("x\0\0noise", "latin1")), evenLines(width, height)),
    png("exif-of-noise.png", "either", header, pngPart("eXIf", Buffer.alloc(999, 0x4d)), evenLines(width, height)),
  ];
};

/** Small files whose headers lie about the size of the picture, within the limit of pixels: there is less data than they claim. */
export const claims = async (base: Make): Promise<readonly HostileImage[]> => {
  const jpeg = await base().jpeg().toBuffer();
  const gif = await base().gif().toBuffer();
  const claimed = (name: string, bytes: Uint8Array): HostileImage => ({ name, bytes, fate: "refused" });
  return [
    // its data end early, with an end mark: libjpeg fills the rest and takes it for a warning, as with padding that sound files have
    { name: "claims-3000x3000.jpg", fate: "either", bytes: patched(jpeg, (copy) => copy.writeUInt32BE(0x0bb80bb8, jpegSizeAt(copy))) },
    claimed(
      "claims-nothing.jpg",
      patched(jpeg, (copy) => copy.writeUInt32BE(0, jpegSizeAt(copy))),
    ),
    claimed("claims-3000x3000.png", pngFile(pngHeader({ width: 3000, height: 3000 }), pngLines(Buffer.alloc(64)))),
    { name: "claims-a-large-screen.gif", bytes: patched(gif, (copy) => copy.writeUInt32LE(0x0bb80bb8, 6)), fate: "either" },
    { name: "claims-no-screen.gif", bytes: patched(gif, (copy) => copy.writeUInt32LE(0, 6)), fate: "either" },
  ];
};
