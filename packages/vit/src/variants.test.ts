import { evaluate, type HostArray, type HostTree, leaves, rngOf, ShapeError, type Tensor, type Tree } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { convStem, type VitOptions, vit } from "./index.ts";

const base: VitOptions = { size: { name: "test", dim: 16, depth: 3, heads: 2 }, patch: 4, image: 8 };
const initial = (options: Partial<VitOptions>) =>
  evaluate(() => vit({ ...base, ...options }).init(rngOf(1)) as unknown as Tree<Tensor>) as {
    readonly params: HostTree;
    readonly state: HostTree;
  };
const shapes = (tree: HostTree, below = ""): readonly string[] =>
  leaves<HostArray>(tree).flatMap(([path, { shape }]) => (path.startsWith(below) ? [`${path} ${shape.join("x")}`] : []));

describe("vit with the convolutional stem", () => {
  test("has it in place of the patch projection and of one block", () => {
    const { params, state } = initial({ stem: "conv" });
    expect(shapes(params, "patch/")).toEqual([
      "patch/conv1/w 8x3x3x3",
      "patch/bn1/scale 8",
      "patch/bn1/shift 8",
      "patch/conv2/w 16x8x3x3",
      "patch/bn2/scale 16",
      "patch/bn2/shift 16",
      "patch/project/w 16x16",
      "patch/project/b 16",
    ]);
    expect(Object.keys((params as { blocks: object }).blocks)).toEqual(["block00", "block01"]);
    expect(shapes(state)).toEqual(["patch/bn1/mean 8", "patch/bn1/variance 8", "patch/bn2/mean 16", "patch/bn2/variance 16"]);
  });

  test("for patches of 16 has the published widths, an eighth, a quarter, a half and the whole of the vit's", () => {
    const { params } = evaluate(() => convStem({ patch: 16, dim: 64 }).init(rngOf(1)) as unknown as Tree<Tensor>) as { params: HostTree };
    const kernels = shapes(params).filter((shape) => shape.includes("conv"));
    expect(kernels).toEqual(["conv1/w 8x3x3x3", "conv2/w 16x8x3x3", "conv3/w 32x16x3x3", "conv4/w 64x32x3x3"]);
  });

  test("starts as torch's layers do: uniform within one over the root of the fan in, biases too", () => {
    const { params } = evaluate(() => convStem({ patch: 2, dim: 192 }).init(rngOf(1)) as unknown as Tree<Tensor>) as { params: HostTree };
    const values = new Map(leaves<HostArray>(params).map(([path, { data }]) => [path, data]));
    for (const [path, fanIn] of [
      ["conv1/w", 27],
      ["project/w", 192],
      ["project/b", 192],
    ] as const) {
      const largest = Math.max(...(values.get(path) as Float32Array).map(Math.abs));
      expect(largest, path).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(fanIn)));
      expect(largest, path).toBeGreaterThan(0.95 / Math.sqrt(fanIn));
    }
  });

  test("is frozen whole", () => {
    const paths = leaves<HostArray>(initial({ stem: "conv" }).params).map(([path]) => path);
    expect(paths.filter(vit({ ...base, stem: "conv", freezePatch: true }).frozen)).toEqual(
      paths.filter((path) => path.startsWith("patch/")),
    );
    expect(paths.filter(vit({ ...base, stem: "conv" }).frozen)).toEqual([]);
  });

  test("refuses patches that halving does not reach, widths it does not halve, and a single block", () => {
    const make = (options: Partial<VitOptions>) => () => vit({ ...base, stem: "conv", ...options });
    expect(make({ patch: 7, image: 28 })).toThrow(new ShapeError("convStem: patch is 7, expected a power of 2 above 1"));
    expect(make({ patch: 1 })).toThrow(new ShapeError("convStem: patch is 1, expected a power of 2 above 1"));
    expect(make({ patch: 16, image: 32, size: { ...base.size, dim: 20 } })).toThrow(
      new ShapeError("convStem: dim is 20, expected a multiple of 8 for patches of 16"),
    );
    expect(make({ size: { ...base.size, depth: 1 } })).toThrow(
      new ShapeError("vit: depth is 1, expected more than the one block that the stem takes the place of"),
    );
  });
});

describe("vit with batch norms in front of its MLPs", () => {
  test("keeps running statistics of them and layer norms elsewhere", () => {
    const { params, state } = initial({ mlpNorm: "batch" });
    expect(shapes(params)).toEqual(shapes(initial({}).params));
    expect(shapes(state)).toEqual(
      ["block00", "block01", "block02"].flatMap((block) => [`blocks/${block}/norm2/mean 16`, `blocks/${block}/norm2/variance 16`]),
    );
  });
});

test("only variants with batch norm mix the images of a batch, and they say so in their name", () => {
  const told = (options: Partial<VitOptions>) => {
    const { name, mixesImages } = vit({ ...base, ...options });
    return [name, mixesImages];
  };
  expect(told({})).toEqual(["vit-test/4", false]);
  expect(initial({}).state).toBeNull();
  expect(told({ stem: "conv" })).toEqual(["vit-test/4-conv", true]);
  expect(told({ mlpNorm: "batch" })).toEqual(["vit-test/4-bn", true]);
  expect(told({ stem: "conv", mlpNorm: "batch" })).toEqual(["vit-test/4-conv-bn", true]);
});
