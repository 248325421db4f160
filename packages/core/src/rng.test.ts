import { expectClose } from "@twinview/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, normals, permutation, rngOf, split, threefry, uniforms } from "./index.ts";

fc.configureGlobal({ seed: 1 });

describe("threefry", () => {
  // kat_vectors of Random123 (Salmon et al.), lines "threefry2x32 20": counter, key, output
  test.each([
    [0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ])("counter %i %i under key %i %i", (counter0, counter1, key0, key1, out0, out1) => {
    expect(threefry(key0, key1, counter0, counter1)).toEqual([out0, out1]);
  });
});

const draw = (next: () => number, count: number): number[] => Array.from({ length: count }, next);
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("streams", () => {
  test("depend on their key alone, whatever else is drawn in between", () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, name) => {
        const expected = draw(uniforms(fold(rngOf(seed), name)), 5);
        draw(uniforms(rngOf(seed)), 3);
        draw(normals(fold(rngOf(seed), name)), 3);
        expect(draw(uniforms(fold(rngOf(seed), name)), 5)).toEqual(expected);
      }),
    );
  });

  test("differ between seeds, names, numbers, and a number and its name", () => {
    const rng = rngOf(3);
    const children = [
      rng,
      rngOf(4),
      rngOf(3 + 2 ** 32),
      ...["crop", "flip", "blur", "0", "1", ""].map((name) => fold(rng, name)),
      ...[0, 1, 2, 712, 2 ** 32, 2 ** 40].map((number) => fold(rng, number)),
      fold(fold(rng, 0), 1),
      fold(fold(rng, 1), 0),
    ];
    expect(new Set(children.map(({ key }) => key.join())).size).toBe(children.length);
  });

  test("of names are folds of those names", () => {
    const rng = rngOf(8);
    const keys = split(rng, ["query", "key"]);
    expect(keys).toEqual({ query: fold(rng, "query"), key: fold(rng, "key") });
  });

  test("stay what they were: a change of these numbers would change every run ever made", () => {
    expect(draw(uniforms(fold(rngOf(7), "crop")), 3)).toEqual([0.31236606324091554, 0.5208101377356797, 0.7706349708605558]);
    const normal = draw(normals(fold(rngOf(7), 712)), 3);
    expectClose(normal, [-0.08205020815906197, -2.6459050825468435, -1.789828275466856], { relative: 1e-14 }); // as good as Math.log and Math.sin
    expect([...permutation(rngOf(7), 8)]).toEqual([2, 0, 4, 1, 3, 5, 6, 7]);
  });
});

describe("numbers", () => {
  const many = 20_000;

  test("uniform ones lie in [0, 1), a tenth of them in each tenth", () => {
    const values = draw(uniforms(rngOf(1)), many);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor(value * 10)] = (counts[Math.floor(value * 10)] as number) + 1;
    const expected = many / 10;
    const chiSquare = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom: p = .001
  });

  test("normal ones have the normal distribution's moments", () => {
    const values = draw(normals(rngOf(2)), many);
    const moment = (power: number): number => values.reduce((total, x) => total + x ** power, 0) / many;
    // deviations of the sample moments: sqrt(1 / n), sqrt(2 / n), sqrt(15 / n), sqrt(96 / n); four of each
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / many));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / many));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / many));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / many));
  });

  test("children of neighbouring numbers are not correlated", () => {
    const first = Array.from({ length: 4000 }, (_, i) => uniforms(fold(rngOf(1), i))() - 0.5);
    const correlation = first.slice(1).reduce((total, x, i) => total + x * (first[i] as number), 0) / 4000 / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(4000));
  });

  test("a permutation holds each index once", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 200 }), (seed, length) => {
        const order = permutation(rngOf(seed), length);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  test("permutations put each index in each place equally often", () => {
    const counts = new Array<number>(16).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      for (const [place, index] of permutation(rngOf(seed), 4).entries())
        counts[4 * place + index] = (counts[4 * place + index] as number) + 1;
    }
    const chiSquare = counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(37.7); // at most 15 degrees of freedom: p = .001
  });
});
