import {
  evaluate,
  type HostArray,
  type HostTree,
  leaves,
  mapTree,
  mul,
  rngOf,
  sum,
  type Tensor,
  type Tree,
  valueAndGradient,
} from "@twinview/core";
import { onnxEngine, type Program } from "@twinview/engine";
import { type ResNetOptions, type ResNetParams, resnet, sizes, torchvisionName } from "@twinview/resnet";
import { expectClose, lengthOf } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { goldenJson } from "./golden-step.ts";

interface Case {
  readonly width: number;
  readonly side: number;
  readonly batch: number;
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly evaluated: readonly number[];
  readonly gradients: Readonly<Record<string, { readonly norm: number; readonly step: number; readonly samples: readonly number[] }>>;
  readonly statistics: Readonly<Record<string, readonly number[]>>;
}

interface Golden {
  readonly names: Readonly<Record<"18" | "34" | "50", { readonly parameters: readonly string[]; readonly buffers: readonly string[] }>>;
  readonly small18: Case;
  readonly large50: Case;
}

const golden = goldenJson<Golden>("resnet.json");

/** The numbers in [low, high) that golden/resnet.py draws for a name. */
const drawn = (name: string, shape: readonly number[], low: number, high: number): HostArray => {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    let x = (i + (seed >>> 0)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return low + (high - low) * (((x ^ (x >>> 16)) >>> 0) / 2 ** 32);
  });
  return { shape, dtype: "float32", data };
};

/** The parameter at a path as golden/resnet.py fills it. */
const filled = (shape: readonly number[], path: string, last: string): HostArray => {
  const name = torchvisionName(path);
  if (shape.length === 4) {
    const bound = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
    return drawn(name, shape, -bound, bound);
  }
  if (path.endsWith("shift")) return drawn(name, shape, -0.3, 0.3);
  return path.endsWith(last) ? drawn(name, shape, 0.1, 0.3) : drawn(name, shape, 0.5, 1.5);
};

/** The norm at the end of a block. */
const lastNorm = ({ size }: ResNetOptions): string => (size.bottleneck ? "bn3/scale" : "bn2/scale");

const varsOf = (options: ResNetOptions) =>
  evaluate(() => resnet(options).init(rngOf(0)) as unknown as Tree<Tensor>) as { readonly params: HostTree; readonly state: HostTree };

/** Runs a case on the default engine: features, gradients and running statistics, by torchvision's names. */
const computed = async (options: ResNetOptions, { side, batch, first }: Case) => {
  const encoder = resnet(options);
  const start = varsOf(options);
  const params = mapTree<HostArray, HostArray>(({ shape }, path) => filled(shape, path, lastNorm(options)), start.params);
  const images = { images: { shape: [batch, side, side, 3], dtype: "float32" } } as const;
  const run =
    (train: boolean): Program["run"] =>
    ({ state, inputs }) => {
      const vars = state as unknown as { readonly params: ResNetParams; readonly state: never };
      const ctx = { train, hyper: {} };
      const weights = inputs.weights;
      if (weights === undefined) return { outputs: { out: encoder.apply(vars, inputs.images as Tensor, ctx).out } };
      const { aux, gradients } = valueAndGradient(
        (at: Tree<Tensor>) => {
          const { out, state: after } = encoder.apply({ ...vars, params: at as unknown as ResNetParams }, inputs.images as Tensor, ctx);
          return { value: sum(mul(out, weights)), aux: { out, after: after as unknown as Tree<Tensor> } };
        },
        vars.params as unknown as Tree<Tensor>,
      );
      const named = leaves<Tensor>(gradients).map(([path, leaf]) => [torchvisionName(path), leaf] as const);
      return {
        state: { params: vars.params as unknown as Tree<Tensor>, state: aux.after as Tree<Tensor> },
        outputs: { out: aux.out as Tensor, ...Object.fromEntries(named) },
      };
    };
  const session = await onnxEngine().open({
    state: { params, state: start.state } as HostTree,
    programs: {
      train: { inputs: { ...images, weights: { shape: [batch, encoder.dim], dtype: "float32" } }, run: run(true) },
      evaluate: { inputs: images, run: run(false) },
    },
    threads: 1,
  });
  const batches = [0, 1].map((i) => drawn(`images${i}`, [batch, side, side, 3], -1.5, 1.5)) as [HostArray, HostArray];
  const weights = drawn("weights", [batch, first.length / batch], -1, 1);
  const one = await session.run("train", { images: batches[0], weights });
  const two = await session.run("train", { images: batches[1], weights });
  const evaluated = await session.run("evaluate", { images: batches[0] });
  const { state } = (await session.read()) as { readonly state: HostTree };
  await session.close();
  const { out, ...gradients } = one.outputs;
  return {
    first: out as HostArray,
    second: two.outputs.out as HostArray,
    evaluated: evaluated.outputs.out as HostArray,
    gradients,
    statistics: Object.fromEntries(leaves<HostArray>(state).map(([path, leaf]) => [torchvisionName(path), leaf.data])),
  };
};

/** Three times as far as torch's own float32 lies from its float64 on the deeper of the two networks, in parts of the largest. */
const features = { ofLargest: 1e-5 };

describe.each([
  { name: "resnet-18, small stem, 32 px", options: { size: sizes["18"], stem: "small" }, expected: golden.small18 },
  { name: "resnet-50, large stem, 64 px", options: { size: sizes["50"], stem: "large" }, expected: golden.large50 },
] as const)("$name equals torchvision", async ({ options, expected }) => {
  const found = await computed({ ...options, width: expected.width }, expected);

  test("in the features of two training passes and of one in evaluation", () => {
    expectClose(found.first.data, expected.first, { name: "first pass", ...features });
    expectClose(found.second.data, expected.second, { name: "second pass", ...features });
    expectClose(found.evaluated.data, expected.evaluated, { name: "evaluation", ...features });
  });

  test("in the running statistics after the two passes", () => {
    expect(Object.keys(found.statistics).sort()).toEqual(Object.keys(expected.statistics).sort());
    for (const [name, numbers] of Object.entries(expected.statistics))
      expectClose(found.statistics[name] as Float32Array, numbers, { name, ofLargest: 1e-5, absolute: 1e-7 });
  });

  test("in the gradient of every parameter, to 1e-4 of its norm", () => {
    expect(Object.keys(found.gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [name, { norm, step, samples }] of Object.entries(expected.gradients)) {
      const data = found.gradients[name]?.data as Float32Array;
      expectClose(lengthOf(data), norm, { name: `norm of ${name}`, relative: 1e-4 });
      const errors = samples.map((want, i) => (data[i * step] as number) - want);
      const wholeError = lengthOf(errors) * Math.sqrt(data.length / samples.length); // the samples stand for all numbers
      expect(wholeError / norm, name).toBeLessThan(1e-4);
    }
  });
});

describe.each(["18", "34", "50"] as const)("resnet-%s", (size) => {
  const { params, state } = varsOf({ size: sizes[size], stem: "large" });

  test("has torchvision's parameters and running statistics: names, shapes and order", () => {
    const named = (tree: HostTree): string[] =>
      leaves<HostArray>(tree).map(([path, { shape }]) => `${torchvisionName(path)} [${shape.join(", ")}]`);
    expect(named(params)).toEqual(golden.names[size].parameters);
    expect(named(state)).toEqual(golden.names[size].buffers);
  });

  test("starts with torchvision's distribution: He's fan-out deviation, and the last scale of each block at 0", () => {
    const last = lastNorm({ size: sizes[size], stem: "large" });
    for (const [path, { shape, data }] of leaves<HostArray>(params)) {
      if (shape.length === 4) {
        const deviation = Math.sqrt(2 / ((shape[0] as number) * (shape[2] as number) * (shape[3] as number)));
        const count = data.length;
        // sampling errors of a mean and of a standard deviation, five times over
        expect(Math.abs((data as Float32Array).reduce((a, b) => a + b, 0) / count), path).toBeLessThan((5 * deviation) / Math.sqrt(count));
        expect(Math.abs(lengthOf(data) / Math.sqrt(count) / deviation - 1), path).toBeLessThan(5 / Math.sqrt(2 * count));
      } else {
        const value = path.endsWith("shift") || path.endsWith(last) ? 0 : 1;
        expect(
          data.every((x) => x === value),
          path,
        ).toBe(true);
      }
    }
  });
});
