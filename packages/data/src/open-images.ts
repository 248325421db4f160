import type { Image } from "@twinview/augment";
import { openDecoder } from "./decode.ts";
import type { Content, ResidentContent } from "./source.ts";

/**
 * Reads images by index. The bytes belong to the reader and may be overwritten by the next read of a resident source; a file that
 * cannot be decoded rejects with the reason.
 */
export interface ImageReader {
  readonly read: (index: number) => Image | Promise<Image>;
  /** What to call image `index` in a message. */
  readonly nameOf: (index: number) => string;
}

const residentReader = ({ pixels, width, height, channels }: ResidentContent): ImageReader => {
  const size = width * height;
  const nameOf = (index: number): string => `image ${index}`;
  if (channels === 3) {
    return { read: (index) => ({ width, height, data: pixels.subarray(index * size * 3, (index + 1) * size * 3) }), nameOf };
  }
  const rgb = new Uint8Array(size * 3);
  const read = (index: number): Image => {
    const start = index * size;
    for (let i = 0, p = 0; i < size; i++, p += 3) {
      const gray = pixels[start + i] as number;
      rgb[p] = gray;
      rgb[p + 1] = gray;
      rgb[p + 2] = gray;
    }
    return { width, height, data: rgb };
  };
  return { read, nameOf };
};

/**
 * Opens the images of a source for reading.
 * @param shortSide larger image files are shrunk until their shorter side has this many pixels; resident images are as they are
 */
export const openImages = (content: Content, shortSide?: number): ImageReader => {
  if (content.kind === "resident") return residentReader(content);
  const decoder = openDecoder(content.root);
  const nameOf = (index: number): string => content.paths[index] as string;
  return { read: (index) => decoder.decode(nameOf(index), shortSide), nameOf };
};
