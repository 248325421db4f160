import { checkOption, checkShape } from "@twinview/core";

/** An RGB image of bytes, interleaved: `data` is [height, width, 3]. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle inside an image, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Refuses an image whose bytes do not fill [height, width, 3].
 * @throws ShapeError naming the function, the size and the number of bytes.
 */
export const checkImage = (where: string, image: Image): void => {
  const { width, height, data } = image;
  checkOption(where, "image.width", width, Number.isInteger(width) && width > 0, "a whole number of pixels, at least 1");
  checkOption(where, "image.height", height, Number.isInteger(height) && height > 0, "a whole number of pixels, at least 1");
  checkShape(where, `image.data (${height} x ${width} x 3 bytes)`, [data.length], [width * height * 3]);
};

/**
 * Refuses a box that leaves the image.
 * @throws ShapeError naming the function, the box and the image size.
 */
export const checkBox = (where: string, box: Box, size: Size): void => {
  const { left, top, width, height } = box;
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside = left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= size.width && top + height <= size.height;
  checkOption(
    where,
    "box",
    `[${left}, ${top}, ${width}, ${height}]`,
    whole && inside,
    `a box inside ${size.width} x ${size.height} pixels`,
  );
};

/** The same bytes seen as a Uint8Array: the pixel loops stay on one array type, which V8 compiles best. */
export const bytesOf = (image: Image): Uint8Array => {
  const { data } = image;
  return data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
};
