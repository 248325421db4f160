import { constant, evaluate, type HostArray, type HostTree, type Rng, rngOf, type Tensor, type Tree } from "@twinview/core";
import { expect, test } from "vitest";
import { mini, vit } from "./index.ts";
import { sinCosPosition } from "./position.ts";

const ctx = { train: true, hyper: {} };
const size = { ...mini, dim: 16, depth: 1, heads: 2 };
const rng: Rng = rngOf(3);
const pixels = (side: number): Tensor =>
  constant(
    Float32Array.from({ length: 2 * side * side * 3 }, (_, i) => Math.sin(i * 12.9898)),
    [2, side, side, 3],
  );
const numbers = (tree: HostTree): Float32Array => (tree as unknown as HostArray).data as Float32Array;

test("a smaller image gets the positions of its own grid: the features are those of an encoder made for that side", () => {
  const features = (made: number, side: number) =>
    numbers(
      evaluate(() => {
        const encoder = vit({ size, patch: 4, image: made });
        return encoder.apply(encoder.init(rng), pixels(side), ctx).out as Tree<Tensor>;
      }),
    );
  expect(features(16, 8)).toEqual(features(8, 8));
  expect(sinCosPosition({ grid: 2, dim: 16, token: true })).not.toEqual(
    sinCosPosition({ grid: 4, dim: 16, token: true }).subarray(0, 5 * 16),
  );
});

test("learned positions and sides the patch does not divide are refused", () => {
  const applied = (position: "learned" | "none", side: number) => () =>
    evaluate(() => {
      const encoder = vit({ size, patch: 4, image: 16, position });
      return encoder.apply(encoder.init(rng), pixels(side), ctx).out as Tree<Tensor>;
    });
  expect(applied("learned", 8)).toThrow("vit: images has shape [2, 8, 8, 3], expected [any, 16, 16, 3]");
  expect(applied("none", 10)).toThrow("vit: side of the images is 10, expected a multiple of the patch, 4");
});
