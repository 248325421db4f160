import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdOut } from "./hold-out.ts";
import { residentSource } from "./made-images.test.fixture.ts";
import { sampler } from "./sampler.ts";

const sizes = fc
  .integer({ min: 1, max: 60 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 1, max: length }), fc.nat(1000)));

describe("sampler", () => {
  it("visits each image at most once an epoch, and misses fewer than a batch", () => {
    fc.assert(
      fc.property(sizes, fc.nat(5), ([length, batch, seed], epoch) => {
        const { at, stepsPerEpoch } = sampler({ seed, length, batch });
        const seen = Array.from({ length: stepsPerEpoch }, (_, k) => at(epoch * stepsPerEpoch + k));
        const all = seen.flatMap(({ indices }) => [...indices]);
        expect(new Set(seen.map((s) => s.epoch))).toEqual(new Set([epoch]));
        expect(new Set(all).size).toBe(all.length);
        expect(all.every((i) => i >= 0 && i < length)).toBe(true);
        expect(length - all.length).toBeLessThan(batch);
      }),
    );
  });

  it("gives a step the same images whatever was asked before", () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(200), { minLength: 1, maxLength: 12 }), ([length, batch, seed], steps) => {
        const used = sampler({ seed, length, batch });
        for (const step of steps) expect(used.at(step)).toEqual(sampler({ seed, length, batch }).at(step));
      }),
    );
  });

  it("orders epochs and seeds differently, each image equally often first", () => {
    const first = new Array<number>(5).fill(0);
    for (let epoch = 0; epoch < 2000; epoch++) {
      const i = sampler({ seed: 3, length: 5, batch: 5 }).at(epoch).indices[0] as number;
      first[i] = (first[i] as number) + 1;
    }
    const chiSquare = first.reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0);
    expect(chiSquare).toBeLessThan(18.5); // 4 degrees of freedom, 99.9 %
    expect(sampler({ seed: 1, length: 50, batch: 50 }).at(0)).not.toEqual(sampler({ seed: 2, length: 50, batch: 50 }).at(0));
  });

  it("refuses a batch larger than the set", () => {
    expect(() => sampler({ seed: 1, length: 10, batch: 11 })).toThrow(
      "sampler: batch is 11, expected at most the number of images (10); choose a smaller batch",
    );
    expect(() => sampler({ seed: 1, length: 10, batch: 0 })).toThrow("sampler: batch is 0, expected a whole number of images, at least 1");
  });
});

describe("holdOut", () => {
  it("parts the set, the same share of each class, the same for the same seed", () => {
    const source = residentSource(90);
    const { train, test } = holdOut(source);
    expect([train.length, test?.length]).toEqual([81, 9]);
    for (const label of [0, 1, 2]) expect(test?.labels?.filter((l) => l === label).length).toBe(3);
    const bytes = (s: typeof source) =>
      s.content.kind === "resident"
        ? Array.from({ length: s.length }, (_, i) =>
            Buffer.from(s.content.kind === "resident" ? s.content.pixels.slice(i * 360, (i + 1) * 360) : []).toString("hex"),
          )
        : [];
    expect(new Set([...bytes(train), ...bytes(test as typeof source)])).toEqual(new Set(bytes(source)));
    expect(holdOut(source).test?.labels).toEqual(test?.labels);
    expect(holdOut(source, { seed: 1 })).not.toEqual(holdOut(source));
    expect(holdOut(source, { share: 0.5, atMost: 12 }).test?.length).toBe(12);
  });

  it("leaves every class an image to train on, and a set without labels whole", () => {
    const source = residentSource(4, 4, 4, 4);
    expect(holdOut(source, { share: 0.9 })).toEqual({ train: source });
    const { labels: _, classes: __, ...bare } = source;
    expect(holdOut(bare)).toEqual({ train: bare });
  });
});
