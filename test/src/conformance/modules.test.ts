import {
  type Ctx,
  constant,
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
  toTensors,
  valueAndGradient,
} from "@twinview/core";
import { dot, drawn, expectClose, lengthOf, type Numbers, slope, slopeNoise } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { type ModuleRow, modules } from "../tables/modules.ts";
import { drawnArray, shaken, structureOf } from "./trees.ts";

type Vars = { readonly params: HostTree; readonly state: HostTree };

const ctx = (train: boolean): Ctx => ({ train, hyper: {} });
const initial = ({ init }: ModuleRow, seed = 1): Vars => evaluate(() => init(rngOf(seed)) as Tree<Tensor>) as Vars;
const named = (tree: HostTree): readonly (readonly [string, HostArray])[] => leaves<HostArray>(tree);
const inputOf = ({ input }: ModuleRow): HostArray => drawnArray(input, { seed: 3, low: -1.5, high: 1.5 });

const applied = (row: ModuleRow, vars: Vars, x: HostArray, train: boolean): { readonly out: HostArray; readonly state: HostTree } =>
  evaluate(() => row.apply(toTensors(vars as HostTree) as never, toTensors(x) as Tensor, ctx(train)) as unknown as Tree<Tensor>) as never;

/** Parameters that are not at their starting values. */
const moved = (vars: Vars): Vars => ({ ...vars, params: shaken(vars.params, () => true, 0.2) });

describe.each(modules)("module $name", (row) => {
  test("starts from its rng alone, with finite numbers", () => {
    const [first, again, other] = [initial(row), initial(row), initial(row, 2)];
    expect(again).toEqual(first);
    for (const [path, { data }] of named(first.params)) expect(data.every(Number.isFinite), path).toBe(true);
    const hasRandom = named(first.params).some(([path]) => path.endsWith("w"));
    if (hasRandom) expect(other.params).not.toEqual(first.params);
  });

  test.each([true, false])("keeps the structure of its state (train: %s)", (train) => {
    const vars = initial(row);
    const after = applied(row, vars, inputOf(row), train);
    expect(structureOf(after.state)).toEqual(structureOf(vars.state));
    if (!train) expect(after.state).toEqual(vars.state);
  });

  test("gives the same numbers twice in evaluation", () => {
    const vars = moved(initial(row));
    const x = inputOf(row);
    const out = applied(row, vars, x, false).out;
    expect(applied(row, vars, x, false).out).toEqual(out);
    expect(out.data.every(Number.isFinite)).toBe(true);
  });

  test.each(row.bends ? [] : [true, false])("has the gradient that finite differences show (train: %s)", (train) => {
    const vars = moved(initial(row));
    const point = { params: vars.params, x: inputOf(row) } as unknown as { readonly [name: string]: HostTree };
    const weights = drawn(applied(row, vars, inputOf(row), train).out.shape, { seed: 5 });
    const output = (at: HostTree): Numbers => {
      const { params, x } = at as unknown as { params: HostTree; x: HostArray };
      return applied(row, { params, state: vars.state }, x, train).out;
    };
    const gradients = evaluate(
      () =>
        valueAndGradient(
          (at: Tree<Tensor>) => {
            const { params, x } = at as unknown as { params: unknown; x: Tensor };
            const out = row.apply({ params, state: toTensors(vars.state) }, x, ctx(train)).out;
            return { value: sum(mul(out, constant(Float32Array.from(weights.data), weights.shape))), aux: null };
          },
          toTensors(point as HostTree),
        ).gradients,
    );
    const size = output(point as HostTree); // float32, summed in float64 below
    const noise = slopeNoise * dot(Float64Array.from(size.data, Math.abs), weights.data.map(Math.abs));
    for (const [path, gradient] of named(gradients)) {
      const length = Math.max(lengthOf(gradient.data), 1e-6);
      const random = drawn(gradient.shape, { seed: 9 }).data;
      const along = Float64Array.from(gradient.data, (g, i) => g / length + (random[i] as number) / lengthOf(random));
      const pointAt = (h: number): HostTree =>
        mapTree<HostArray, HostArray>(
          (leaf, at) =>
            at === path ? { ...leaf, data: Float32Array.from(leaf.data, (value, i) => value + h * (along[i] as number)) } : leaf,
          point as HostTree,
        );
      const found = slope((h) => dot(output(pointAt(h)).data, weights.data));
      expectClose(dot(gradient.data, along), found, { name: `slope along ${path}`, absolute: noise + 1e-3 * length });
    }
  });
});
