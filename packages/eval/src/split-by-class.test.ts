import { rngOf } from "@twinview/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { splitByClass } from "./split-by-class.ts";

const countsOf = (labels: readonly number[], indices: Iterable<number>): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const i of indices) counts.set(labels[i] as number, (counts.get(labels[i] as number) ?? 0) + 1);
  return counts;
};

it("parts every set in two, each class by its share", () => {
  const labels = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 200 });
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(labels, share, fc.boolean(), fc.nat(), (list, part, keepOne, seed) => {
      const { taken, rest } = splitByClass(list, { share: part, rng: rngOf(seed), keepOne });
      expect([...taken, ...rest].sort((a, b) => a - b)).toEqual([...list.keys()]);
      for (const half of [taken, rest]) expect([...half]).toEqual([...half].sort((a, b) => a - b));
      const takenOf = countsOf(list, taken);
      for (const [label, all] of countsOf(list, list.keys())) {
        const want = Math.min(keepOne ? all - 1 : all, Math.max(1, Math.round(all * part)));
        expect(takenOf.get(label) ?? 0).toBe(want);
      }
    }),
  );
});

it("depends on the key alone, and on the key", () => {
  const labels = Array.from({ length: 400 }, (_, i) => i % 4);
  const take = (seed: number) => [...splitByClass(labels, { share: 0.1, rng: rngOf(seed) }).taken];
  expect(take(3)).toEqual(take(3));
  expect(take(3)).not.toEqual(take(4));
  expect(() => splitByClass(labels, { share: 0, rng: rngOf(1) })).toThrow("splitByClass: share is 0, expected a number in (0, 1]");
});
