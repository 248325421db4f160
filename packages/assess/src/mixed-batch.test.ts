import { rngOf } from "@twinview/core";
import { expect, test } from "vitest";
import { mixBatch } from "./mixed-batch.ts";

const off = { mixup: 0, cutmix: 0, smoothing: 0, erase: 0 };
const side = 4;
const batchOf = (count: number) => ({ count, side, pixels: Uint8Array.from({ length: count * 48 }, (_, at) => 60 * Math.floor(at / 48)) });
const rowsOf = (data: ArrayLike<number>, classes: number): readonly (readonly number[])[] =>
  Array.from({ length: data.length / classes }, (_, i) => Array.from({ length: classes }, (__, c) => data[i * classes + c] as number));

test("without mixing, targets are one-hot, and smoothing spreads a share of them evenly", () => {
  const batch = batchOf(2);
  expect(rowsOf(mixBatch(batch, [2, 0], 3, off, rngOf(0)).data, 3)).toEqual([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  const smooth = rowsOf(mixBatch(batch, [2, 0], 3, { ...off, smoothing: 0.3 }, rngOf(0)).data, 3);
  for (const [i, row] of [
    [0.1, 0.1, 0.8],
    [0.8, 0.1, 0.1],
  ].entries())
    row.forEach((x, c) => {
      expect(smooth[i]?.[c]).toBeCloseTo(x, 6);
    });
  expect(batch.pixels).toEqual(batchOf(2).pixels);
});

test.each([
  ["mixup", { ...off, mixup: 0.8 }],
  ["cutmix", { ...off, cutmix: 1 }],
  ["either of them", { ...off, mixup: 0.8, cutmix: 1 }],
])("%s: the share of a class in the target is its share of the pixels, and each row sums to 1", (_, mixing) => {
  for (let seed = 0; seed < 20; seed++) {
    const batch = batchOf(2); // image 0 is all 0, image 1 all 60
    const [first = [], second = []] = rowsOf(mixBatch(batch, [0, 1], 2, mixing, rngOf(seed)).data, 2);
    const own = batch.pixels.subarray(0, 48).reduce((sum, x) => sum + x, 0) / (48 * 60);
    expect(Math.abs((first[1] as number) - own)).toBeLessThan(0.01); // bytes are rounded
    for (const row of [first, second]) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
  }
});

test("the same key gives the same batch, another key another", () => {
  const mixed = (seed: number) => {
    const batch = batchOf(6);
    const targets = mixBatch(batch, [0, 1, 2, 0, 1, 2], 3, { mixup: 0.8, cutmix: 1, smoothing: 0.1, erase: 0.5 }, rngOf(seed));
    return [...batch.pixels, ...targets.data];
  };
  expect(mixed(4)).toEqual(mixed(4));
  expect(mixed(4)).not.toEqual(mixed(5));
});
