import {
  type Encoder,
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
import { expectClose, lengthOf } from "@twinview/testkit";
import { expect } from "vitest";

/** Some numbers of a gradient, every `step`-th, and its norm. */
export interface GoldenGradient {
  readonly norm: number;
  readonly step: number;
  readonly samples: readonly number[];
}

/** What golden/resnet.py and golden/vit_variants.py write of an encoder. */
export interface GoldenEncoder {
  /** Features of two training passes over different images, and of the first images in evaluation after them. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly evaluated: readonly number[];
  /** Of the product of the first features with random weights. */
  readonly gradients: Readonly<Record<string, GoldenGradient>>;
  /** After the two training passes. */
  readonly statistics: Readonly<Record<string, readonly number[]>>;
}

/** The numbers in [low, high) that golden/resnet.py draws for a name. */
export const drawnByName = (name: string, shape: readonly number[], low: number, high: number): HostArray => {
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

/** An encoder's initial values. */
export const initialOf = <P, S>(encoder: Encoder<P, S>): { readonly params: HostTree; readonly state: HostTree } =>
  evaluate(() => encoder.init(rngOf(0)) as unknown as Tree<Tensor>) as { readonly params: HostTree; readonly state: HostTree };

type Vars = { readonly params: Tree<Tensor>; readonly state: Tree<Tensor> };

const programOf = (encoder: Encoder<Tree<Tensor>, Tree<Tensor>>, train: boolean): Program["run"] => {
  const ctx = { train, hyper: {} };
  return ({ state, inputs }) => {
    const vars = state as unknown as Vars;
    const [images, weights] = [inputs.images as Tensor, inputs.weights];
    if (weights === undefined) return { outputs: { out: encoder.apply(vars, images, ctx).out } };
    const { aux, gradients } = valueAndGradient((params: Tree<Tensor>) => {
      const { out, state: after } = encoder.apply({ params, state: vars.state }, images, ctx);
      return { value: sum(mul(out, weights)), aux: { out, after } };
    }, vars.params);
    const named = leaves<Tensor>(gradients).map(([path, leaf]) => [`gradient ${path}`, leaf] as const);
    return {
      state: { params: vars.params, state: aux.after as Tree<Tensor> },
      outputs: { out: aux.out as Tensor, ...Object.fromEntries(named) },
    };
  };
};

/** Does on the default engine what the golden scripts do: two training passes, one in evaluation. Trees are given by path. */
export const passes = async <P, S>(
  given: Encoder<P, S>,
  {
    side,
    batch,
    fill,
  }: { readonly side: number; readonly batch: number; readonly fill: (path: string, shape: readonly number[]) => HostArray },
) => {
  const encoder = given as unknown as Encoder<Tree<Tensor>, Tree<Tensor>>;
  const start = initialOf(given);
  const params = mapTree<HostArray, HostArray>(({ shape }, path) => fill(path, shape), start.params);
  const images = { images: { shape: [batch, side, side, 3], dtype: "float32" } } as const;
  const session = await onnxEngine().open({
    state: { params, state: start.state } as HostTree,
    programs: {
      train: { inputs: { ...images, weights: { shape: [batch, encoder.dim], dtype: "float32" } }, run: programOf(encoder, true) },
      evaluate: { inputs: images, run: programOf(encoder, false) },
    },
    threads: 1,
  });
  const [one, other] = [0, 1].map((i) => drawnByName(`images${i}`, [batch, side, side, 3], -1.5, 1.5)) as [HostArray, HostArray];
  const weights = drawnByName("weights", [batch, encoder.dim], -1, 1);
  const first = await session.run("train", { images: one, weights });
  const second = await session.run("train", { images: other, weights });
  const evaluated = await session.run("evaluate", { images: one });
  const { state } = (await session.read()) as { readonly state: HostTree };
  await session.close();
  const gradients = Object.entries(first.outputs).flatMap(([name, { data }]) =>
    name.startsWith("gradient ") ? [[name.slice("gradient ".length), data as Float32Array] as const] : [],
  );
  return {
    first: first.outputs.out as HostArray,
    second: second.outputs.out as HostArray,
    evaluated: evaluated.outputs.out as HostArray,
    gradients: new Map(gradients),
    statistics: new Map(leaves<HostArray>(state).map(([path, leaf]) => [path, leaf.data as Float32Array])),
  };
};

/** Fails where a gradient is further from the golden one than 1e-4 of its norm; `nameOf` gives the golden name of a path. */
export const expectGradients = (
  found: ReadonlyMap<string, Float32Array>,
  expected: GoldenEncoder["gradients"],
  nameOf: (path: string) => string,
): void => {
  expect([...found.keys()].map(nameOf).sort()).toEqual(Object.keys(expected).sort());
  for (const [path, data] of found) {
    const { norm, step, samples } = expected[nameOf(path)] as GoldenGradient;
    expectClose(lengthOf(data), norm, { name: `norm of ${path}`, relative: 1e-4 });
    const errors = samples.map((want, i) => (data[i * step] as number) - want);
    const wholeError = lengthOf(errors) * Math.sqrt(data.length / samples.length); // the samples stand for all numbers
    expect(wholeError / norm, path).toBeLessThan(1e-4);
  }
};

/** Fails where running statistics are not those of the golden file. */
export const expectStatistics = (
  found: ReadonlyMap<string, Float32Array>,
  expected: GoldenEncoder["statistics"],
  nameOf: (path: string) => string,
): void => {
  expect([...found.keys()].map(nameOf).sort()).toEqual(Object.keys(expected).sort());
  for (const [path, data] of found)
    expectClose(data, expected[nameOf(path)] as readonly number[], { name: path, ofLargest: 1e-5, absolute: 1e-7 });
};
