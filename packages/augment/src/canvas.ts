import { bytesOf, type Image, type Size } from "./image.ts";
import { type Kernels, openKernels, slack } from "./kernels.ts";

/**
 * The working form of an image: four bytes a pixel (red, green, blue, and one that means nothing) in the memory of the kernels,
 * which change four pixels at once. A thread has one canvas: it holds one image from its first byte until the image is read out.
 */
export interface Canvas extends Size {
  readonly kernels: Kernels;
  /** Address of the first pixel. */
  readonly at: number;
}

const start = 64;

/** The canvas of this thread at a size; its contents are unspecified. */
export const openCanvas = ({ width, height }: Size): Canvas => ({ width, height, kernels: openKernels(), at: start });

/** Number of pixels. */
export const areaOf = ({ width, height }: Size): number => width * height;

/** Places behind the canvas, one for each length in bytes, for the time of one change: the next change takes them again. */
export const scratchOf = <const L extends readonly number[]>(canvas: Canvas, lengths: L): { readonly [K in keyof L]: number } => {
  let end = canvas.at + 4 * areaOf(canvas);
  const places = lengths.map((length) => {
    const place = (end + slack + 15) & ~15;
    end = place + length;
    return place;
  });
  canvas.kernels.bytesTo(end);
  return places as { readonly [K in keyof L]: number };
};

/** Reads an image of bytes into the canvas. */
export const toCanvas = (image: Image): Canvas => {
  const canvas = openCanvas(image);
  const { width, height, kernels, at } = canvas;
  const bytes = bytesOf(image);
  const [packed] = scratchOf(canvas, [bytes.length]);
  kernels.bytesTo(packed + bytes.length).set(bytes, packed);
  kernels.loops.unpack(packed, 3 * width, height, width, at);
  return canvas;
};

/** How a canvas is read out. */
export interface ReadOptions {
  /** Mirrored left to right. */
  readonly flip?: boolean;
  /** The part to read: a square of `size` pixels from this corner. Default: all. */
  readonly part?: { readonly left: number; readonly top: number; readonly size: number };
}

/** Writes the canvas as bytes [height, width, 3] at the start of `out`. */
export const writeBytes = (canvas: Canvas, out: Uint8Array, { flip = false, part }: ReadOptions = {}): void => {
  const { kernels, at } = canvas;
  const { width, height } = part === undefined ? canvas : { width: part.size, height: part.size };
  const first = part === undefined ? at : at + 4 * (part.top * canvas.width + part.left);
  const length = 3 * width * height;
  const [packed] = scratchOf(canvas, [length]);
  kernels.loops.pack(first, canvas.width, height, width, flip, packed);
  out.set(kernels.bytesTo(packed + length).subarray(packed, packed + length));
};

/** The canvas as a new image. */
export const toImage = (canvas: Canvas, options: ReadOptions = {}): Image => {
  const data = new Uint8Array(3 * areaOf(canvas));
  writeBytes(canvas, data, options);
  return { width: canvas.width, height: canvas.height, data };
};

/** Turns an in-place change of a canvas into a pure function of images. */
export const onImage = (image: Image, change: (canvas: Canvas) => void): Image => {
  const canvas = toCanvas(image);
  change(canvas);
  return toImage(canvas);
};
