import { fold, rngOf } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { cutmix, cutmixBox, type ImageBatch, mixup, randomErasing, sampleBeta } from "./mix-images.ts";

const side = 4;
const bytes = side * side * 3;
/** Image i is filled with 10 i + 10. */
const batchOf = (count: number): ImageBatch => ({
  count,
  side,
  pixels: Uint8Array.from({ length: count * bytes }, (_, at) => 10 * (Math.floor(at / bytes) + 1)),
});
const imageOf = ({ pixels }: ImageBatch, i: number): readonly number[] => [...pixels.subarray(i * bytes, (i + 1) * bytes)];
const levels = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b);

test("mixup mixes an image with the one at the other end; the middle of an odd batch stays", () => {
  const batch = batchOf(3);
  mixup(batch, 0.75);
  expect([0, 1, 2].map((i) => levels(imageOf(batch, i)))).toEqual([[15], [20], [25]]); // .75 10 + .25 30, 20, .75 30 + .25 10
});

test("cutmix exchanges a box, and says how much of its own an image keeps", () => {
  const batch = batchOf(2);
  expect(cutmix(batch, { top: 1, left: 2, height: 2, width: 2 })).toBe(1 - 4 / 16);
  const place = (row: number, column: number): readonly (number | undefined)[] =>
    [0, 1].map((i) => imageOf(batch, i)[(row * side + column) * 3]);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const inside = row >= 1 && row < 3 && column >= 2;
      expect(place(row, column)).toEqual(inside ? [20, 10] : [10, 20]);
    }
});

describe("draws", () => {
  const many = Array.from({ length: 4000 }, (_, i) => fold(rngOf(3), i));

  test.each([0.2, 0.8, 1, 2])("Beta(%d, .) has mean 1/2 and variance 1 / (4 (2 alpha + 1))", (alpha) => {
    const drawn = many.map((rng) => sampleBeta(rng, alpha));
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.06);
  });

  test("boxes of cutmix have the area asked for unless an edge cuts them", () => {
    const boxes = many.slice(0, 500).map((rng) => cutmixBox(rng, 32, 0.75));
    for (const { top, left, height, width } of boxes) {
      expect([top >= 0, left >= 0, top + height <= 32, left + width <= 32]).toEqual([true, true, true, true]);
      expect(height * width).toBeLessThanOrEqual(17 * 17);
    }
    const whole = boxes.filter(({ top, left, height, width }) => top > 0 && left > 0 && top + height < 32 && left + width < 32);
    expect(whole.length).toBeGreaterThan(50);
    for (const { height, width } of whole) expect(Math.abs(height * width - 256)).toBeLessThan(40);
  });

  test("erasing leaves images alone at p 0, and at p 1 changes 2 % to about a third of each", () => {
    const still = { count: 40, side: 32, pixels: new Uint8Array(40 * 32 * 32 * 3) };
    randomErasing(still, 0, rngOf(1));
    expect(still.pixels.every((x) => x === 0)).toBe(true);
    randomErasing(still, 1, rngOf(1));
    for (let i = 0; i < 40; i++) {
      const changed = still.pixels.subarray(i * 3072, (i + 1) * 3072).filter((x) => x !== 0).length / 3072;
      expect(changed).toBeGreaterThan(0.01);
      expect(changed).toBeLessThan(0.4);
    }
  });
});
