import * as core from "@twinview/core";
import { evaluate, type HostArray, leaves, rngOf, ShapeError, type Tensor, type Tree, zeros } from "@twinview/core";
import { at, drawn, expectClose, type Numbers, operationChecks, type Slow, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { sinCosPosition, sizes, type VitOptions, type VitParams, vit } from "./index.ts";
import { nested, slowVit } from "./slow-vit.test.kit.ts";

const { gradientsOf, numbersOf, tensors } = operationChecks<Tensor>(core);
const ctx = { train: true, hyper: {} };
const size = { name: "test", dim: 8, depth: 2, heads: 2 };
const base: VitOptions = { size, patch: 3, image: 6 };
const images = drawn([2, 6, 6, 3], { seed: 1, low: -2, high: 2 });

const shapesOf = (options: VitOptions): readonly (readonly [string, HostArray])[] =>
  leaves<HostArray>(evaluate(() => vit(options).init(rngOf(1)).params as unknown as Tree<Tensor>));
const drawnParams = (options: VitOptions): Readonly<Record<string, Slow>> =>
  Object.fromEntries(shapesOf(options).map(([path, { shape }], i) => [path, drawn(shape, { seed: 20 + i, low: -0.6, high: 0.6 })]));

const cases: readonly { name: string; options: VitOptions }[] = [
  { name: "class token, sin-cos", options: base },
  { name: "class token, no final norm", options: { ...base, finalNorm: false } },
  { name: "class token, learned position", options: { ...base, position: "learned" } },
  { name: "class token, no position", options: { ...base, position: "none" } },
  { name: "average, sin-cos", options: { ...base, readout: "average" } },
  { name: "average, learned position, no final norm", options: { ...base, readout: "average", position: "learned", finalNorm: false } },
  { name: "one block only", options: { ...base, size: { ...size, depth: 1 } } },
];

const slowPosition = (options: VitOptions, params: Readonly<Record<string, Slow>>): Slow | undefined => {
  const token = options.readout !== "average";
  if (options.position === "learned") return params.position;
  if (options.position === "none") return undefined;
  return slow(sinCosPosition({ grid: 2, dim: 8, token }), [token ? 5 : 4, 8]);
};

describe.each(cases)("vit: $name", ({ options }) => {
  const params = drawnParams(options);
  const f = ({ images: x, ...rest }: Readonly<Record<string, Tensor>>): Tensor =>
    vit(options).apply({ params: nested<VitParams>(rest), state: null }, x as Tensor, ctx).out;

  test("equals its slow twin, in which every block is computed whole", () => {
    const expected = slowVit(images, params, {
      patch: options.patch,
      heads: options.size.heads,
      depth: options.size.depth,
      readout: options.readout ?? "token",
      position: slowPosition(options, params),
    });
    expectClose(
      numbersOf(() => f(tensors({ images, ...params } as Readonly<Record<string, Numbers>>))),
      expected,
      { ofLargest: 1e-5 },
    );
  });

  test("sends a gradient to every parameter", () => {
    const gradients = gradientsOf(f, { images, ...params } as Readonly<Record<string, Numbers>>, drawn([2, 8], { seed: 2 }));
    for (const path of Object.keys(params))
      expect(Math.max(...Array.from((gradients[path] as Numbers).data, Math.abs)), path).toBeGreaterThan(1e-6);
  });
});

describe("vit", () => {
  test("has a token, a position, a norm only where they are wanted", () => {
    const tops = (options: Partial<VitOptions>): readonly string[] => [
      ...new Set(shapesOf({ ...base, ...options }).map(([path]) => path.split("/")[0] as string)),
    ];
    expect(tops({})).toEqual(["patch", "token", "blocks", "norm"]);
    expect(tops({ position: "learned", readout: "average" })).toEqual(["patch", "position", "blocks", "norm"]);
    expect(tops({ finalNorm: false, position: "none", readout: "average" })).toEqual(["patch", "blocks"]);
    const position = shapesOf({ ...base, position: "learned" }).find(([path]) => path === "position");
    expect(position?.[1].shape).toEqual([5, 8]); // four patches and the token
  });

  test("names blocks so that their order survives JavaScript objects", () => {
    const deep = vit({ ...base, size: { ...size, depth: 12 } });
    const names = Object.keys(evaluate(() => deep.init(rngOf(1)).params.blocks as unknown as Tree<Tensor>) as object);
    expect(names).toEqual([
      "block00",
      "block01",
      "block02",
      "block03",
      "block04",
      "block05",
      "block06",
      "block07",
      "block08",
      "block09",
      "block10",
      "block11",
    ]);
  });

  test("starts its blocks differently, its token near zero", () => {
    const params = Object.fromEntries(shapesOf(base));
    expect(params["blocks/block00/mlp/fc1/w"]?.data).not.toEqual(params["blocks/block01/mlp/fc1/w"]?.data);
    const token = Math.max(...(params.token as HostArray).data.map(Math.abs));
    expect(token).toBeGreaterThan(1e-8);
    expect(token).toBeLessThan(5e-6); // eight draws of deviation 1e-6
  });

  test("calls the patch projection frozen when it is asked to freeze it, and nothing else ever", () => {
    const paths = shapesOf(base).map(([path]) => path);
    expect(paths.filter(vit(base).frozen)).toEqual([]);
    expect(paths.filter(vit({ ...base, freezePatch: true }).frozen)).toEqual(["patch/w", "patch/b"]);
  });

  test("tells its name and width", () => {
    const encoder = vit({ size: sizes.ti, patch: 16, image: 224 });
    expect([encoder.name, encoder.dim]).toEqual(["vit-ti/16", 192]);
  });

  test("sizes are those of the papers, S with MoCo v3's 12 heads", () => {
    expect(Object.values(sizes).map(({ name, dim, depth, heads }) => [name, dim, depth, heads])).toEqual([
      ["mini", 96, 4, 3],
      ["ti", 192, 12, 3],
      ["s", 384, 12, 12],
      ["b", 768, 12, 12],
      ["l", 1024, 24, 16],
    ]);
  });

  test("refuses sizes that do not fit together", () => {
    const make = (options: Partial<VitOptions>) => () => vit({ ...base, ...options });
    expect(make({ patch: 4 })).toThrow(new ShapeError("vit: patch is 4, expected a divisor of the image's side, 6"));
    expect(make({ patch: 0 })).toThrow(new ShapeError("vit: patch is 0, expected a divisor of the image's side, 6"));
    expect(make({ patch: 1.5 })).toThrow(new ShapeError("vit: patch is 1.5, expected a divisor of the image's side, 6"));
    expect(make({ size: { ...size, heads: 3 } })).toThrow(new ShapeError("vit: dim is 8, expected a multiple of the 3 heads"));
    expect(make({ size: { ...size, dim: 6 } })).toThrow(new ShapeError("sinCosPosition: dim is 6, expected a multiple of 4"));
    expect(make({ size: { ...size, dim: 6 }, position: "none" })).not.toThrow();
    const encoder = vit(base);
    const fed = (shape: readonly number[]) => () => numbersOf(() => encoder.apply(encoder.init(rngOf(1)), zeros(shape), ctx).out);
    expect(fed([2, 5, 5, 3])).toThrow(ShapeError);
    expect(fed([2, 6, 6, 1])).toThrow(ShapeError);
    expect(fed([6, 6, 3])).toThrow(ShapeError);
  });
});

describe("sinCosPosition", () => {
  const [grid, dim] = [5, 16];
  const table = slow(sinCosPosition({ grid, dim, token: true }), [grid * grid + 1, dim]);
  const row = (y: number, x: number): number[] => Array.from({ length: dim }, (_, i) => at(table, 1 + y * grid + x, i));

  test("has zeros for the class token, and no such row without one", () => {
    expect(Array.from(table.data).slice(0, dim)).toEqual(new Array(dim).fill(0));
    expect(Array.from(sinCosPosition({ grid, dim, token: false }))).toEqual(Array.from(table.data).slice(dim));
  });

  test("holds sine and cosine of row and column at falling frequencies", () => {
    for (const [y, x] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [4, 3],
    ] as const) {
      const expected = [Math.sin, Math.cos].flatMap((wave) => [0, 1, 2, 3].map((i) => wave(y / 10 ** i)));
      const across = [Math.sin, Math.cos].flatMap((wave) => [0, 1, 2, 3].map((i) => wave(x / 10 ** i)));
      expectClose(row(y, x), [...expected, ...across], { name: `row ${y}, column ${x}`, absolute: 1e-6 }); // 10000^(1/4) = 10
    }
  });

  test("sees only how far two patches lie apart: the product of two rows depends on their offset", () => {
    const product = (a: number[], b: number[]): number => a.reduce((total, value, i) => total + value * (b[i] as number), 0);
    expectClose(product(row(0, 0), row(1, 2)), product(row(2, 1), row(3, 3)), { absolute: 1e-5 });
    expectClose(product(row(0, 3), row(2, 0)), product(row(2, 4), row(4, 1)), { absolute: 1e-5 });
    expectClose(product(row(3, 2), row(3, 2)), dim / 2, { absolute: 1e-5 });
  });
});
