import * as core from "@twinview/core";
import {
  evaluate,
  fold,
  type HostArray,
  type HostTree,
  leaves,
  rngOf,
  ShapeError,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import {
  at,
  drawn,
  expectClose,
  type Numbers,
  operationChecks,
  type Slow,
  slow,
  slowBatchNormalize,
  slowBroadcast,
  slowLinear,
  slowMap,
  toSlow,
} from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { type MlpOptions, type MlpParams, mlp } from "./index.ts";

const { checkOperation } = operationChecks<Tensor>(core);
const initial = (widths: readonly number[], options: MlpOptions, seed = 1): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(leaves<HostArray>(evaluate(() => mlp(widths, options).init(rngOf(seed)) as unknown as Tree<Tensor>)));

/** Layer by layer from the description alone: which layers exist, and what stands after them. */
const slowMlp = (
  x: Slow,
  params: Readonly<Record<string, Numbers>>,
  plan: readonly { fc: string; bn?: "affine" | "scale" | "plain"; relu: boolean }[],
): Slow =>
  plan.reduce((input, { fc, bn, relu }) => {
    const of = (name: string): Slow | undefined => (params[`${fc}/${name}`] ? toSlow(params[`${fc}/${name}`] as Numbers) : undefined);
    let y = slowLinear(input, of("w") as Slow, of("b"));
    if (bn !== undefined) y = slowBatchNormalize(y, 1e-5);
    const norm = fc.replace("fc", "bn");
    if (bn === "affine" || bn === "scale") y = slowBroadcast(y.shape, y, toSlow(params[`${norm}/scale`] as Numbers), (a, b) => a * b);
    if (bn === "affine") y = slowBroadcast(y.shape, y, toSlow(params[`${norm}/shift`] as Numbers), (a, b) => a + b);
    return relu ? slowMap(y, (value) => Math.max(value, 0)) : y;
  }, x);

const cases: readonly { name: string; widths: readonly number[]; options: MlpOptions; plan: Parameters<typeof slowMlp>[2] }[] = [
  {
    name: "MoCo v3's projector",
    widths: [5, 7, 7, 4],
    options: { last: "norm-plain" },
    plan: [
      { fc: "fc1", bn: "affine", relu: true },
      { fc: "fc2", bn: "affine", relu: true },
      { fc: "fc3", bn: "plain", relu: false },
    ],
  },
  { name: "one layer, last norm", widths: [5, 4], options: { last: "norm" }, plan: [{ fc: "fc1", bn: "affine", relu: false }] },
  {
    name: "two layers, last bare",
    widths: [5, 7, 4],
    options: { last: "none" },
    plan: [
      { fc: "fc1", bn: "affine", relu: true },
      { fc: "fc2", relu: false },
    ],
  },
  {
    name: "no norms, biases",
    widths: [5, 7, 4],
    options: { last: "none", norm: false, hiddenBias: true, lastBias: true },
    plan: [
      { fc: "fc1", relu: true },
      { fc: "fc2", relu: false },
    ],
  },
  {
    name: "BYOL's heads",
    widths: [5, 7, 4],
    options: { last: "none", hiddenBias: true },
    plan: [
      { fc: "fc1", bn: "affine", relu: true },
      { fc: "fc2", relu: false },
    ],
  },
  {
    name: "SwAV's projector",
    widths: [5, 7, 4],
    options: { last: "none", hiddenBias: true, lastBias: true },
    plan: [
      { fc: "fc1", bn: "affine", relu: true },
      { fc: "fc2", relu: false },
    ],
  },
  {
    name: "SimCLR's projector",
    widths: [5, 7, 4],
    options: { last: "norm-scale" },
    plan: [
      { fc: "fc1", bn: "affine", relu: true },
      { fc: "fc2", bn: "scale", relu: false },
    ],
  },
];

describe.each(cases)("mlp: $name", ({ widths, options, plan }) => {
  const start = initial(widths, options);
  const params = Object.fromEntries(
    Object.entries(start).map(([path, { shape, data }], i) => {
      const noise = drawn(shape, { seed: 50 + i, low: -0.3, high: 0.3 }).data;
      return [
        path,
        slow(
          Array.from(data, (value, j) => Math.fround(value + (noise[j] as number))),
          shape,
        ),
      ];
    }),
  );

  test("equals its slow twin, value and gradient by input and parameters", () => {
    const nested = (inputs: Readonly<Record<string, Tensor>>): MlpParams => {
      const tree: Record<string, Record<string, Tensor>> = {};
      for (const [path, tensor] of Object.entries(inputs)) {
        const [layer, name] = path.split("/") as [string, string];
        tree[layer] = { ...tree[layer], [name]: tensor };
      }
      return tree;
    };
    checkOperation({
      inputs: { x: drawn([8, 5], { seed: 9, low: -2, high: 2 }), ...params } as Readonly<Record<string, Numbers>>,
      f: ({ x, ...rest }) => mlp(widths, options).apply(nested(rest as Readonly<Record<string, Tensor>>), x as Tensor),
      slow: ({ x, ...rest }) => slowMlp(x as Slow, rest as Readonly<Record<string, Slow>>, plan),
      value: { ofLargest: 5e-6 },
      gradient: { ofLargest: 2e-5, absolute: 2e-6 },
    });
  });

  test("has offsets, scales and shifts exactly where they are wanted", () => {
    const expected = plan.flatMap(({ fc, bn }, i) => {
      const biased = i === plan.length - 1 ? options.lastBias : options.hiddenBias;
      const norm = fc.replace("fc", "bn");
      const own = biased === true ? [`${fc}/w`, `${fc}/b`] : [`${fc}/w`];
      const scaled = bn === "affine" || bn === "scale" ? [`${norm}/scale`] : [];
      return [...own, ...scaled, ...(bn === "affine" ? [`${norm}/shift`] : [])];
    });
    expect(Object.keys(start)).toEqual(expected);
  });
});

describe("the start of an mlp", () => {
  test("is uniform within 1 / sqrt(in), as torch.nn.Linear's; norms at one and zero", () => {
    const start = initial([400, 300, 10], { last: "norm" });
    const w = start["fc1/w"] as HostArray;
    const bound = 1 / Math.sqrt(400);
    expect(w.shape).toEqual([400, 300]);
    expect(Math.max(...w.data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.max(...w.data.map(Math.abs))).toBeGreaterThan(0.999 * bound);
    const variance = (w.data as Float32Array).reduce((total, x) => total + x * x, 0) / w.data.length;
    expectClose(variance, bound ** 2 / 3, { relative: 0.02 }); // 120,000 draws: the deviation of the sample variance is .26 %
    expect(new Set(start["bn1/scale"]?.data)).toEqual(new Set([1]));
    expect(new Set(start["bn1/shift"]?.data)).toEqual(new Set([0]));
  });

  test("differs from layer to layer and from rng to rng", () => {
    const [a, b] = [initial([6, 6, 6], { last: "none" }, 1), initial([6, 6, 6], { last: "none" }, 2)];
    expect(a["fc1/w"]?.data).not.toEqual(a["fc2/w"]?.data);
    expect(a["fc1/w"]?.data).not.toEqual(b["fc1/w"]?.data);
    expect(at(a["fc1/w"] as HostArray, 0, 0)).not.toBe(0);
    expect(fold(rngOf(1), "fc1")).not.toEqual(fold(rngOf(1), "fc2"));
  });

  test("needs two positive widths", () => {
    expect(() => mlp([4], { last: "none" })).toThrow(new ShapeError("mlp: widths is [4], expected two or more positive widths"));
    expect(() => mlp([4, 0], { last: "none" })).toThrow(new ShapeError("mlp: widths is [4, 0], expected two or more positive widths"));
    expect(() => mlp([4, 2.5], { last: "none" })).toThrow(new ShapeError("mlp: widths is [4, 2.5], expected two or more positive widths"));
  });

  test("refuses features of another width", () => {
    const call = (): HostTree =>
      evaluate(() =>
        mlp([4, 2], { last: "none" }).apply(
          mlp([4, 2], { last: "none" }).init(rngOf(1)),
          toTensors(core.hostArray([1, 2, 3], [1, 3])) as Tensor,
        ),
      );
    expect(call).toThrow(new ShapeError("linear: x [1, 3], w [4, 2]; expected x [N, I], w [I, O], b [O]"));
  });
});
