import * as core from "@twinview/core";
import {
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  leaves,
  type Module,
  rngOf,
  ShapeError,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import {
  drawn,
  expectClose,
  type Numbers,
  operationChecks,
  type Slow,
  slow,
  slowAttention,
  slowGelu,
  slowLayerNorm,
  slowLinear,
  slowMap,
  toSlow,
} from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { attention, fanInBound, gelu, layerNorm, linear, normal, relu, seq, uniform, xavierBound } from "./index.ts";

const { checkOperation, numbersOf } = operationChecks<Tensor>(core);
const ctx = { train: true, hyper: {} };

const initial = <P, S>(module: Module<P, S>, seed = 1): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(leaves<HostArray>(evaluate(() => module.init(rngOf(seed)).params as Tree<Tensor>)));

/** Flat inputs `{ "fc1/w": .. }` as the tree that a module takes. */
const nested = <P>(flat: Readonly<Record<string, Tensor>>): P => {
  const tree: Record<string, unknown> = {};
  for (const [path, tensor] of Object.entries(flat)) {
    const names = path.split("/");
    const last = names.pop() as string;
    let branch = tree;
    for (const name of names) {
      branch[name] ??= {};
      branch = branch[name] as Record<string, unknown>;
    }
    branch[last] = tensor;
  }
  return tree as P;
};

const checkModule = <P>(
  module: Module<P, null>,
  input: Numbers,
  params: Readonly<Record<string, Numbers>>,
  twin: (x: Slow, params: Readonly<Record<string, Slow>>) => Slow,
): void =>
  checkOperation<string>({
    inputs: { ...params, input },
    f: ({ input: x, ...rest }) =>
      module.apply({ params: nested<P>(rest as Readonly<Record<string, Tensor>>), state: null }, x as Tensor, ctx).out,
    slow: ({ input: x, ...rest }) => twin(x as Slow, rest as Readonly<Record<string, Slow>>),
    value: { ofLargest: 5e-6, absolute: 5e-7 },
    gradient: { ofLargest: 1e-5, absolute: 1e-6 },
  });

describe("linear", () => {
  const [x, w, b] = [drawn([5, 4], { seed: 1 }), drawn([4, 3], { seed: 2 }), drawn([3], { seed: 3 })];

  test("is x W + b, with and without b", () => {
    checkModule(linear({ in: 4, out: 3 }), x, { w, b }, (x, p) => slowLinear(x, p.w as Slow, p.b));
    checkModule(linear({ in: 4, out: 3, bias: false }), x, { w }, (x, p) => slowLinear(x, p.w as Slow));
  });

  test("starts Xavier-uniform with zero biases, or within the bound it is given", () => {
    const spread = (data: HostArray["data"]): number => Math.max(...data.map(Math.abs));
    const plain = initial(linear({ in: 40, out: 60 }));
    expect(plain.b).toEqual(hostArray(new Float32Array(60), [60]));
    const bound = Math.sqrt(6 / 100);
    expect(spread((plain.w as HostArray).data)).toBeLessThanOrEqual(Math.fround(bound));
    expect(spread((plain.w as HostArray).data)).toBeGreaterThan(0.99 * bound);
    const narrow = initial(linear({ in: 40, out: 60, bias: false, bound: 0.01 }));
    expect(Object.keys(narrow)).toEqual(["w"]);
    expect(spread((narrow.w as HostArray).data)).toBeLessThanOrEqual(Math.fround(0.01));
  });
});

test("layerNorm normalises with epsilon 1e-6, scales and shifts; it starts at the identity", () => {
  const module = layerNorm({ dim: 6 });
  const x = drawn([4, 6], { seed: 4, low: -2e-3, high: 2e-3 }); // so small that epsilon counts
  checkModule(module, x, { scale: drawn([6], { seed: 5 }), shift: drawn([6], { seed: 6 }) }, (x, p) =>
    slowLayerNorm(x, p.scale as Slow, p.shift as Slow, 1e-6),
  );
  expect(initial(module)).toEqual({ scale: hostArray([1, 1, 1, 1, 1, 1], [6]), shift: hostArray([0, 0, 0, 0, 0, 0], [6]) });
});

test("gelu and relu as layers have nothing to learn", () => {
  const x = drawn([4, 5], { seed: 7, low: -2, high: 2, awayFromZero: 0.05 });
  checkModule(gelu, x, {}, (x) => slowGelu(x));
  checkModule(relu, x, {}, (x) => slowMap(x, (value) => Math.max(0, value)));
  expect([gelu.init(rngOf(1)), relu.init(rngOf(1))]).toEqual([
    { params: null, state: null },
    { params: null, state: null },
  ]);
});

describe("attention", () => {
  test("projects, attends by head, projects", () => {
    const params = {
      "qkv/w": drawn([8, 24], { seed: 8, low: -0.6, high: 0.6 }),
      "qkv/b": drawn([24], { seed: 9 }),
      "out/w": drawn([8, 8], { seed: 10 }),
      "out/b": drawn([8], { seed: 11 }),
    };
    checkModule(attention({ dim: 8, heads: 2 }), drawn([2, 3, 8], { seed: 12 }), params, (x, p) => {
      const qkv = slowLinear(slow(x.data, [6, 8]), p["qkv/w"] as Slow, p["qkv/b"]);
      const mixed = slowAttention(slow(qkv.data, [2, 3, 24]), 2);
      return slow(slowLinear(slow(mixed.data, [6, 8]), p["out/w"] as Slow, p["out/b"]).data, [2, 3, 8]);
    });
  });

  test("starts with queries, keys and values as three Xavier matrices of their own", () => {
    const { "qkv/w": w, "qkv/b": b, "out/w": out } = initial(attention({ dim: 32, heads: 4 }));
    const bound = Math.sqrt(6 / 64); // fans 32 and 32, not 32 and 96
    const thirds = [0, 1, 2].map((third) => Array.from(w?.data ?? []).filter((_, i) => Math.floor((i % 96) / 32) === third));
    for (const part of [...thirds, Array.from(out?.data ?? [])]) {
      expect(Math.max(...part.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
      expect(Math.max(...part.map(Math.abs))).toBeGreaterThan(0.98 * bound);
    }
    expect(thirds[0]).not.toEqual(thirds[1]);
    expect(b?.data).toEqual(new Float32Array(96));
  });

  test("refuses a width that its heads do not divide", () => {
    expect(() => attention({ dim: 10, heads: 4 })).toThrow(new ShapeError("attention: dim is 10, expected a multiple of the 4 heads"));
  });
});

describe("seq", () => {
  const parts = { fc1: linear({ in: 4, out: 6 }), act: gelu, fc2: linear({ in: 6, out: 3, bias: false }) };

  test("applies its parts one after the other, and its names are the paths", () => {
    const module = seq(parts);
    expect(Object.keys(initial(module))).toEqual(["fc1/w", "fc1/b", "fc2/w"]);
    const params = { "fc1/w": drawn([4, 6], { seed: 13 }), "fc1/b": drawn([6], { seed: 14 }), "fc2/w": drawn([6, 3], { seed: 15 }) };
    const bare: Module<{ fc1: { w: Tensor; b: Tensor }; fc2: { w: Tensor } }, null> = {
      init: () => module.init(rngOf(1)) as never,
      apply: ({ params: { fc1, fc2 } }, x, c) => ({
        out: module.apply({ params: { fc1, act: null, fc2 }, state: { fc1: null, act: null, fc2: null } }, x, c).out,
        state: null,
      }),
    };
    checkModule(bare, drawn([5, 4], { seed: 16 }), params, (x, p) =>
      slowLinear(slowGelu(slowLinear(x, p["fc1/w"] as Slow, p["fc1/b"])), p["fc2/w"] as Slow),
    );
  });

  test("starts each part from a stream of its name: adding a part changes no other", () => {
    const longer = seq({ ...parts, fc3: linear({ in: 3, out: 3 }) });
    const [short, long] = [initial(seq(parts)), initial(longer)];
    for (const path of Object.keys(short)) expect(long[path], path).toEqual(short[path]);
  });

  test("threads the states of its parts", () => {
    const counter: Module<null, { readonly calls: Tensor }> = {
      init: () => ({ params: null, state: { calls: core.zeros([]) } }),
      apply: ({ state }, x) => ({ out: x, state: { calls: core.add(state.calls, 1) } }),
    };
    const module = seq({ a: counter, b: counter });
    const after = evaluate(() => {
      const vars = module.init(rngOf(1));
      const once = module.apply(vars, core.zeros([1]), ctx).state;
      return module.apply({ params: vars.params, state: { a: once.a, b: vars.state.b } }, core.zeros([1]), ctx).state;
    });
    expect(after).toEqual({ a: { calls: hostArray([2], []) }, b: { calls: hostArray([1], []) } });
  });

  test("types: names of parts and what they hold", () => {
    const { params } = seq(parts).init(rngOf(1));
    const shape: readonly number[] = params.fc1.w.shape;
    expect(shape).toEqual([4, 6]);
    const nothing: null = params.act;
    expect(nothing).toBeNull();
    // @ts-expect-error there is no part named fc3
    expect(params.fc3).toBeUndefined();
    // @ts-expect-error a linear layer has no scale
    expect(params.fc1.scale).toBeUndefined();
  });
});

describe("initializers", () => {
  const many = 40_000;
  const momentsOf = (data: HostArray["data"]): { mean: number; deviation: number } => {
    const mean = (data as Float32Array).reduce((a, b) => a + b, 0) / data.length;
    return { mean, deviation: Math.sqrt((data as Float32Array).reduce((total, x) => total + (x - mean) ** 2, 0) / data.length) };
  };

  test("uniform fills [-bound, bound) evenly", () => {
    const { data } = numbersOf(() => uniform(rngOf(1), [200, 200], 0.3)) as HostArray;
    const { mean, deviation } = momentsOf(data);
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.3));
    expect(Math.abs(mean)).toBeLessThan((4 * 0.3) / Math.sqrt(3 * many));
    expectClose(deviation, 0.3 / Math.sqrt(3), { relative: 0.02 });
  });

  test("normal has mean 0 and the deviation asked for", () => {
    const { mean, deviation } = momentsOf((numbersOf(() => normal(rngOf(1), [many], 0.02)) as HostArray).data);
    expect(Math.abs(mean)).toBeLessThan((4 * 0.02) / Math.sqrt(many));
    expectClose(deviation, 0.02, { relative: 4 / Math.sqrt(2 * many) });
  });

  test("depend on the stream alone", () => {
    const twice = [1, 2].map(() => numbersOf(() => uniform(rngOf(9), [5], 1)));
    expect(twice[0]).toEqual(twice[1]);
    expect(numbersOf(() => uniform(rngOf(8), [5], 1))).not.toEqual(twice[0]);
  });

  test("bounds follow their formulas", () => {
    expect(xavierBound(100, 50)).toBe(0.2);
    expect(fanInBound(25)).toBe(0.2);
  });
});

test("what a module gets of another rank is refused with both shapes", () => {
  const module = linear({ in: 4, out: 3 });
  const call = (): HostTree =>
    evaluate(() => module.apply(module.init(rngOf(1)), toTensors(hostArray([1, 2, 3], [1, 3])) as Tensor, ctx).out);
  expect(call).toThrow(new ShapeError("linear: x [1, 3], w [4, 3], b [3]; expected x [N, I], w [I, O], b [O]"));
  expect(toSlow(hostArray([1], [1])).data).toEqual(Float64Array.of(1));
});
