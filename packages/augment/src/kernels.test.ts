import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./color-jitter.ts";
import { blurImage } from "./gaussian-blur.ts";
import { toGrayscale } from "./grayscale.ts";
import { flipHorizontally } from "./horizontal-flip.ts";
import { adjustHue } from "./hue.ts";
import type { Box, Image } from "./image.ts";
import { openKernels } from "./kernels.ts";
import { sourcesDigest } from "./kernels-binary.ts";
import { resizedCrop } from "./random-resized-crop.ts";
import { resizeCenterCrop } from "./resize-center-crop.ts";
import {
  slowBlur,
  slowBrightness,
  slowContrast,
  slowCrop,
  slowFlip,
  slowGray,
  slowHue,
  slowSaturation,
  slowSolarize,
} from "./slow-pixels.test.kit.ts";
import { solarizeImage } from "./solarize.ts";

// Widths on both sides of the four pixels that are changed at once; noise, and pixels whose channels are often equal.
const images = fc
  .tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(255, 3))
  .chain(([width, height, max]) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3, max })
      .map((bytes): Image => ({ width, height, data: max === 3 ? bytes.map((x) => 85 * x) : bytes })),
  );

const factors = fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }));

const same = (got: Image, want: Image): void => {
  expect([got.width, got.height]).toEqual([want.width, want.height]);
  expect(Buffer.from(got.data).equals(Buffer.from(want.data))).toBe(true);
};

describe("kernels give the bytes of their slow twins", () => {
  it.each<[string, (image: Image, factor: number) => Image, (image: Image, factor: number) => Image, fc.Arbitrary<number>]>([
    ["brightness", adjustBrightness, slowBrightness, factors],
    ["contrast", adjustContrast, slowContrast, factors],
    ["saturation", adjustSaturation, slowSaturation, factors],
    ["hue", adjustHue, slowHue, fc.double({ min: -0.5, max: 0.5, noNaN: true })],
    ["grayscale", toGrayscale, slowGray, fc.constant(0)],
    ["solarize", solarizeImage, slowSolarize, fc.double({ min: 0, max: 256, noNaN: true })],
    ["blur", blurImage, slowBlur, fc.double({ min: 0.05, max: 4, noNaN: true })],
    ["flip", flipHorizontally, slowFlip, fc.constant(0)],
  ])("%s", (_, fast, slow, numbers) => {
    fc.assert(
      fc.property(images, numbers, (image, number) => same(fast(image, number), slow(image, number))),
      { numRuns: 200 },
    );
  });

  const boxIn = ({ width, height }: Image, [a, b, c, d]: readonly number[]): Box => {
    const [left, top] = [Math.floor((a as number) * width), Math.floor((b as number) * height)];
    return { left, top, width: 1 + Math.floor((c as number) * (width - left)), height: 1 + Math.floor((d as number) * (height - top)) };
  };
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  const side = fc.integer({ min: 1, max: 13 });

  it("crop and resize, smaller and larger, at any place", () => {
    fc.assert(
      fc.property(images, fc.tuple(share, share, share, share), side, side, (image, shares, width, height) => {
        const box = boxIn(image, shares);
        same(resizedCrop(image, box, { width, height }), slowCrop(image, box, { width, height }));
      }),
    );
  });

  it("crop, resize by a large factor", () => {
    const image: Image = { width: 301, height: 7, data: Uint8Array.from({ length: 301 * 7 * 3 }, (_, i) => (i * i) % 251) };
    const box = { left: 2, top: 1, width: 298, height: 6 };
    same(resizedCrop(image, box, { width: 3, height: 2 }), slowCrop(image, box, { width: 3, height: 2 }));
  });

  it("the central square of a resized image", () => {
    fc.assert(
      fc.property(images, (image) => {
        const size = Math.min(image.width, image.height);
        const whole = resizeCenterCrop({ size, shorterSide: size })(image);
        const [left, top] = [(image.width - size) / 2, (image.height - size) / 2];
        if (!Number.isInteger(left) || !Number.isInteger(top)) return;
        same(whole, slowCrop(image, { left, top, width: size, height: size }, { width: size, height: size }));
      }),
    );
  });
});

describe("the memory of the kernels", () => {
  it("grows to the largest image, and a small one after it is right", () => {
    const large: Image = { width: 900, height: 700, data: new Uint8Array(900 * 700 * 3).fill(200) };
    const before = openKernels().bytesTo(0).length;
    expect(new Set(adjustBrightness(large, 0.5).data)).toEqual(new Set([100]));
    expect(openKernels().bytesTo(0).length).toBeGreaterThan(before);
    const small: Image = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => 13 * i) };
    same(blurImage(small, 1.5), slowBlur(small, 1.5));
  });

  it("is not written beyond the bytes of `out`", () => {
    const image: Image = { width: 5, height: 5, data: Uint8Array.from({ length: 75 }, (_, i) => i) };
    const around = new Uint8Array(30).fill(7);
    resizeCenterCrop({ size: 3 })(image, around.subarray(1, 28));
    expect([around[0], around[28], around[29]]).toEqual([7, 7, 7]);
  });
});

it("the compiled kernels are those of the sources beside them", () => {
  const folder = new URL("../kernels/", import.meta.url);
  const hash = createHash("sha256");
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  for (const name of names.sort()) hash.update(readFileSync(new URL(name, folder)));
  expect(sourcesDigest).toBe(hash.digest("hex")); // else run kernels/build.mjs
});
