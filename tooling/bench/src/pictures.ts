import type { Image } from "@twinview/augment";

/** A well-mixed word from a word. */
const mix = (word: number): number => {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
};

/**
 * A picture of size x size pixels made from a hash: squares of eight pixels with fine noise. The peer makes the same bytes.
 *
 *     byte = mix(stream + (floor(y / 8) * 4096 + floor(x / 8)) * 3 + c) % 192 + mix(~(stream + (y * 4096 + x) * 3 + c)) % 64
 *     stream = index * 0x9e3779b9 mod 2^32
 */
export const picture = (index: number, size: number): Image => {
  const stream = Math.imul(index, 0x9e3779b9);
  const data = new Uint8Array(size * size * 3);
  for (let y = 0, at = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < 3; c++, at++) {
        const coarse = mix(stream + ((y >> 3) * 4096 + (x >> 3)) * 3 + c) % 192;
        data[at] = coarse + (mix(~(stream + (y * 4096 + x) * 3 + c)) % 64);
      }
    }
  }
  return { width: size, height: size, data };
};
