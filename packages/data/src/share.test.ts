import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shareCount, shareOf } from "./share.ts";
import { type Source, sharedBytes } from "./source.ts";

const numbered = (length: number): Source => {
  const pixels = sharedBytes(length);
  for (let i = 0; i < length; i++) pixels[i] = i;
  const labels = Int32Array.from({ length }, (_, i) => i % 3);
  return {
    name: "numbered",
    length,
    classes: ["a", "b", "c"],
    labels,
    content: { kind: "resident", pixels, width: 1, height: 1, channels: 1 },
  };
};
const pixelsOf = (source: Source): readonly number[] => (source.content.kind === "resident" ? [...source.content.pixels] : []);

describe("shareOf", () => {
  test("takes so many different images in their old order, with their labels", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.001, max: 1, noNaN: true }), fc.nat(), (length, share, seed) => {
        const taken = shareOf(numbered(length), share, seed);
        const images = pixelsOf(taken);
        expect(images.length).toBe(shareCount(length, share));
        expect(taken.length).toBe(images.length);
        expect(images).toEqual([...new Set(images)].sort((a, b) => a - b));
        expect([...(taken.labels ?? [])]).toEqual(images.map((i) => i % 3));
      }),
    );
  });
  test("draws by the seed", () => {
    const [a, again, b] = [1, 1, 2].map((seed) => pixelsOf(shareOf(numbered(200), 0.1, seed)));
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });
  test("leaves the whole as it is", () => {
    const whole = numbered(5);
    expect(shareOf(whole, 1, 0)).toBe(whole);
  });
});
