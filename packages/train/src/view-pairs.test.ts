import { asymmetricPair, view } from "@twinview/augment";
import { fold, rngOf } from "@twinview/core";
import { expect, it } from "vitest";
import { viewPairs } from "./view-pairs.ts";

const size = 10;
const set = {
  count: 3,
  size,
  pixels: Uint8Array.from({ length: 3 * size * size * 3 }, (_, i) => (i * 2654435761) >>> 24),
  labels: Int32Array.of(4, 5, 6),
};
const views = asymmetricPair({ size: 8, scale: [0.3, 1] });
const small = { ...(views[0] as (typeof views)[number]), size: 4 };

it("draws each image's first two full-sized views, the same each time", () => {
  const experiment = { views: [small, ...views], image: 8, seed: 3 };
  const pairs = viewPairs(experiment, set, 2);
  expect([pairs.first.count, pairs.first.size, [...pairs.second.labels]]).toEqual([2, 8, [4, 5]]);
  const key = fold(fold(fold(rngOf(3), "pairs"), "second"), 1);
  const image = { width: size, height: size, data: set.pixels.subarray(size * size * 3, 2 * size * size * 3) };
  const expected = view(views[1] as (typeof views)[number]).render(image, key).data;
  expect(Buffer.from(pairs.second.pixels.subarray(8 * 8 * 3))).toEqual(Buffer.from(expected));
  expect(viewPairs(experiment, set, 2)).toEqual(pairs);
  expect(viewPairs({ ...experiment, seed: 4 }, set, 2)).not.toEqual(pairs);
});

it("draws one view twice where the method has no second, in the encoder's size", () => {
  const pairs = viewPairs({ views: [small], image: 8, seed: 3 }, set, 9);
  expect([pairs.first.count, pairs.first.pixels.length]).toEqual([3, 3 * 8 * 8 * 3]);
  expect(pairs.first.pixels).not.toEqual(pairs.second.pixels);
});
