import { constant, evaluate, type HostArray, type HostTree, rngOf, type Tensor, type Tree, toTensors } from "@twinview/core";
import { drawn, expectClose } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { sinCosPosition } from "./position.ts";
import { resizeMatrix } from "./resize-position.ts";
import { type VitOptions, type VitParams, vit } from "./vit.ts";

const smallest = { name: "smallest", dim: 8, depth: 2, heads: 2 };

describe("resizeMatrix", () => {
  it("weighs old positions by a tent around the new one's place, edges repeated", () => {
    for (const [from, to] of [
      [4, 2],
      [3, 5],
      [7, 3],
      [2, 1],
    ] as const) {
      const tent = (i: number, j: number): number => {
        const place = ((i + 0.5) / to) * from - 0.5;
        return Math.max(0, 1 - Math.abs(Math.min(from - 1, Math.max(0, place)) - j));
      };
      const expected = new Float64Array(to * to * from * from);
      let at = 0;
      for (let y = 0; y < to; y++)
        for (let x = 0; x < to; x++) for (let v = 0; v < from; v++) for (let u = 0; u < from; u++) expected[at++] = tent(y, v) * tent(x, u);
      expectClose(resizeMatrix(from, to), expected, { name: `${from} to ${to}`, absolute: 1e-6 });
    }
  });

  it("is the identity for a grid of the same size", () => {
    const identity = Float64Array.from({ length: 81 }, (_, i) => (i % 10 === 0 ? 1 : 0));
    expectClose(resizeMatrix(3, 3), identity, {});
  });
});

describe("sinCosPosition over a span", () => {
  it("is the full grid's table at the coordinates of the small grid's patches", () => {
    const [full, half] = [sinCosPosition({ grid: 6, dim: 8, token: false }), sinCosPosition({ grid: 3, dim: 8, token: false, span: 6 })];
    // patch (1, 0) of the small grid lies between rows 2 and 3 and columns 0 and 1 of the large one
    const row = Array.from(half.subarray(3 * 8, 4 * 8));
    const between = (i: number): number[] => [0, 1].map((j) => i / 100 ** j); // frequencies 1 and 1 / 100
    expectClose(
      row,
      [...between(2.5).map(Math.sin), ...between(2.5).map(Math.cos), ...between(0.5).map(Math.sin), ...between(0.5).map(Math.cos)],
      {
        absolute: 1e-6,
      },
    );
    expectClose(sinCosPosition({ grid: 6, dim: 8, token: false, span: 6 }), full, {});
  });
});

const featuresOf = (options: Pick<VitOptions, "position" | "readout">, side: number): HostArray => {
  const encoder = vit({ size: smallest, patch: 4, image: 16, ...options });
  const images = drawn([2, side, side, 3], { seed: 5 });
  const { out } = evaluate(() => {
    const { params } = encoder.init(rngOf(3));
    const x = constant(Array.from(images.data), images.shape);
    return { out: encoder.apply({ params, state: null }, x, { train: true, hyper: {} }).out };
  }) as { readonly out: HostArray };
  return out;
};

describe("vit on images of another side", () => {
  it("encodes them with every kind of position and readout, and differently with positions than without", () => {
    for (const readout of ["token", "average"] as const) {
      const seen = (["sin-cos", "learned", "none"] as const).map((position) => featuresOf({ position, readout }, 8));
      for (const { shape, data } of seen) {
        expect(shape).toEqual([2, 8]);
        expect(data.every(Number.isFinite)).toBe(true);
      }
      expect(seen[0]?.data).not.toEqual(seen[2]?.data);
    }
  });

  it("with learned positions equals an encoder whose positions are those of the small grid", () => {
    const large = vit({ size: smallest, patch: 4, image: 16, position: "learned" });
    const small = vit({ size: smallest, patch: 4, image: 8, position: "learned" });
    const images = drawn([2, 8, 8, 3], { seed: 5 });
    const state = evaluate(() => large.init(rngOf(3)).params as unknown as Tree<Tensor>) as HostTree;
    const table = (state as { readonly position: HostArray }).position; // [1 + 16, 8]
    const resized = Float64Array.from({ length: 5 * 8 }, (_, flat) => {
      const [patch, i] = [Math.floor(flat / 8) - 1, flat % 8];
      if (patch < 0) return table.data[i] as number;
      // a grid of 2 over one of 4: each new place lies in the middle of four old ones
      const [y, x] = [2 * Math.floor(patch / 2), 2 * (patch % 2)];
      return [y, y + 1]
        .flatMap((v) => [x, x + 1].map((u) => (table.data[(1 + v * 4 + u) * 8 + i] as number) / 4))
        .reduce((a, b) => a + b, 0);
    });
    const outs = evaluate(() => {
      const params = toTensors(state) as unknown as VitParams;
      const x = constant(Array.from(images.data), images.shape);
      const ctx = { train: true, hyper: {} };
      const own = { ...params, position: constant(Array.from(resized), [5, 8]) };
      return { large: large.apply({ params, state: null }, x, ctx).out, small: small.apply({ params: own, state: null }, x, ctx).out };
    }) as { readonly large: HostArray; readonly small: HostArray };
    expectClose(outs.large, outs.small, { absolute: 1e-5 });
  });

  it("refuses a side the patch does not divide, and images that are not square", () => {
    const { params } = vit({ size: smallest, patch: 4, image: 16 }).init(rngOf(1));
    const apply = (shape: readonly number[]) =>
      vit({ size: smallest, patch: 4, image: 16 }).apply(
        { params, state: null },
        constant(new Float32Array(shape.reduce((a, b) => a * b)), shape),
        { train: true, hyper: {} },
      );
    expect(() => apply([1, 6, 6, 3])).toThrow("vit: side of the images is 6, expected a multiple of the patch, 4");
    expect(() => apply([1, 8, 12, 3])).toThrow("vit: images has shape [1, 8, 12, 3], expected [any, 8, 8, 3]");
  });
});
