import { bytesOf, type Image } from "./image.ts";

/**
 * The working form of an image: one 32-bit word a pixel, `red | green << 8 | blue << 16`, row by row.
 * One load and one store a pixel make the colour loops about twice as fast as on interleaved bytes.
 * `pixels` may be longer than width x height: it is reused between images.
 */
export interface Canvas {
  width: number;
  height: number;
  pixels: Uint32Array;
}

/** Buffers that grow on demand and are reused by the next image. */
export interface Scratch {
  readonly words: (name: string, length: number) => Int32Array;
  readonly doubles: (name: string, length: number) => Float64Array;
}

/** An empty set of scratch buffers. One belongs to one builder, so that nothing is shared between callers. */
export const scratch = (): Scratch => {
  const words = new Map<string, Int32Array>();
  const doubles = new Map<string, Float64Array>();
  return {
    words: (name, length) => {
      const held = words.get(name);
      if (held !== undefined && held.length >= length) return held;
      const grown = new Int32Array(length);
      words.set(name, grown);
      return grown;
    },
    doubles: (name, length) => {
      const held = doubles.get(name);
      if (held !== undefined && held.length >= length) return held;
      const grown = new Float64Array(length);
      doubles.set(name, grown);
      return grown;
    },
  };
};

/** An empty canvas with room for `length` pixels. */
export const emptyCanvas = (length = 0): Canvas => ({ width: 0, height: 0, pixels: new Uint32Array(length) });

/** Makes the canvas `width` x `height`; its contents are then unspecified. */
export const resizeCanvas = (canvas: Canvas, width: number, height: number): void => {
  canvas.width = width;
  canvas.height = height;
  if (canvas.pixels.length < width * height) canvas.pixels = new Uint32Array(width * height);
};

/** Reads an image of bytes into a new canvas. */
export const toCanvas = (image: Image): Canvas => {
  const { width, height } = image;
  const bytes = bytesOf(image);
  const pixels = new Uint32Array(width * height);
  for (let i = 0, p = 0; i < pixels.length; i++, p += 3) {
    pixels[i] = (bytes[p] as number) | ((bytes[p + 1] as number) << 8) | ((bytes[p + 2] as number) << 16);
  }
  return { width, height, pixels };
};

/** Writes a canvas as bytes [height, width, 3] at the start of `out`, mirrored left to right when `flip` is set. */
export const writeBytes = (canvas: Canvas, out: Uint8Array, options: { readonly flip: boolean }): void => {
  const { width, height, pixels } = canvas;
  const step = options.flip ? -1 : 1;
  let p = 0;
  for (let y = 0; y < height; y++) {
    let i = y * width + (options.flip ? width - 1 : 0);
    for (let x = 0; x < width; x++, i += step, p += 3) {
      const pixel = pixels[i] as number;
      out[p] = pixel & 255;
      out[p + 1] = (pixel >>> 8) & 255;
      out[p + 2] = pixel >>> 16;
    }
  }
};

/** A canvas as a new image. */
export const toImage = (canvas: Canvas): Image => {
  const data = new Uint8Array(canvas.width * canvas.height * 3);
  writeBytes(canvas, data, { flip: false });
  return { width: canvas.width, height: canvas.height, data };
};

/** Turns an in-place change of a canvas into a pure function of images. */
export const onImage = (image: Image, change: (canvas: Canvas) => void): Image => {
  const canvas = toCanvas(image);
  change(canvas);
  return toImage(canvas);
};
