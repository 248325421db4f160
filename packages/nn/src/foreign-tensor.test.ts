import { hostArray } from "@twinview/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromForeign, sameLayout, toForeign, transposed } from "./foreign-tensor.ts";

fc.configureGlobal({ seed: 1 });

test("a linear layer's matrix is the other's transpose, by hand", () => {
  const theirs = toForeign(hostArray([1, 2, 3, 4, 5, 6], [2, 3]), transposed("w", "weight", [2, 3]));
  expect([theirs.shape, [...theirs.data]]).toEqual([
    [3, 2],
    [1, 4, 2, 5, 3, 6],
  ]);
});

test("rows of patch pixels become a convolution's kernels: number by number, by index arithmetic", () => {
  const [p, dim] = [2, 4];
  const ours = hostArray(
    Float32Array.from({ length: p * p * 3 * dim }, (_, i) => i),
    [p * p * 3, dim],
  );
  const tensor = { path: "patch/w", name: "proj", view: [p, p, 3, dim], order: [3, 2, 0, 1], shape: [dim, 3, p, p] };
  const theirs = toForeign(ours, tensor);
  for (let d = 0; d < dim; d++)
    for (let c = 0; c < 3; c++)
      for (let row = 0; row < p; row++)
        for (let column = 0; column < p; column++)
          expect(theirs.data[((d * 3 + c) * p + row) * p + column]).toBe(ours.data[((row * p + column) * 3 + c) * dim + d]);
});

test("there and back gives the same numbers, for any order of up to four axes", () => {
  const axes = fc.integer({ min: 1, max: 4 }).chain((rank) =>
    fc.record({
      view: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: rank, maxLength: rank }),
      order: fc.shuffledSubarray(
        Array.from({ length: rank }, (_, i) => i),
        { minLength: rank, maxLength: rank },
      ),
    }),
  );
  fc.assert(
    fc.property(axes, ({ view, order }) => {
      const count = view.reduce((a, b) => a * b, 1);
      const ours = hostArray(
        Float32Array.from({ length: count }, (_, i) => i),
        [count],
      );
      const tensor = { path: "x", name: "x", view, order, shape: order.map((axis) => view[axis] as number) };
      expect(fromForeign(toForeign(ours, tensor), tensor, [count])).toEqual(ours);
    }),
  );
});

test("a wrong count is refused by name", () => {
  expect(() => toForeign(hostArray([1, 2], [2]), sameLayout("b", "bias", [3]))).toThrow("toForeign: bias.length is 2, expected 3 numbers");
});
