import { evaluate, type HostArray, type HostTree, leaves, rebuild, type Scalar, type Tensor, type Tree, toTensors } from "@twinview/core";
import { applyUpdates, cosine, masked, type TensorTree, type Transform } from "@twinview/optim";
import { drawn, expectClose, type SlowTree } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { type OptimizerRow, optimizers } from "../tables/optimizers.ts";
import { scalarArray, structureOf } from "./trees.ts";

const shapes = { "fc/w": [3, 4], "fc/b": [4], "norm/scale": [4], temperature: [] } as const;
const template = { fc: { w: null, b: null }, norm: { scale: null }, temperature: null };

const treeOf = (arrays: SlowTree): HostTree => {
  const like = mapLeaves(template, "", (path) => arrays[path] as unknown as HostArray);
  return rebuild(like, new Map(Object.entries(arrays).map(([path, { shape, data }]) => [path, host(shape, data)]))) as HostTree;
};
const mapLeaves = (node: object, path: string, leaf: (path: string) => HostArray): HostTree =>
  Object.fromEntries(
    Object.entries(node).map(([name, child]) => {
      const full = path === "" ? name : `${path}/${name}`;
      return [name, child === null ? leaf(full) : mapLeaves(child as object, full, leaf)];
    }),
  );
const host = (shape: readonly number[], data: ArrayLike<number>): HostArray => ({ shape, dtype: "float32", data: Float32Array.from(data) });
const arraysOf = (tree: HostTree): SlowTree => Object.fromEntries(leaves<HostArray>(tree));
const draw = (seed: number): SlowTree =>
  Object.fromEntries(Object.entries(shapes).map(([path, shape], i) => [path, drawn(shape, { seed: 10 * seed + i })]));

interface Moved {
  readonly params: HostTree;
  readonly state: HostTree;
}

const start = (optimizer: Transform<unknown, string>, params: HostTree): Moved => ({
  params,
  state: evaluate(() => optimizer.init(toTensors(params)) as Tree<Tensor>),
});

const step = (
  optimizer: Transform<unknown, string>,
  { params, state }: Moved,
  gradients: HostTree,
  hyper: Readonly<Record<string, number>>,
): Moved & { readonly updates: HostTree } =>
  evaluate(() => {
    const scalars = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, toTensors(scalarArray(value)) as Scalar]));
    const before = toTensors(params) as TensorTree;
    const out = optimizer.update({ updates: toTensors(gradients), state: toTensors(state), params: before, hyper: scalars });
    return { params: applyUpdates(before, out.updates), state: out.state as TensorTree, updates: out.updates };
  }) as never;

/** The learning rate of a step, never the same twice: a rate taken into the momentum by mistake would show. */
const rates = [1, 2, 0.5, 1.5, 0.25];
const hyperAt = ({ hyper }: OptimizerRow, i: number): Readonly<Record<string, number>> => ({
  ...hyper,
  ...(hyper.lr === undefined ? {} : { lr: hyper.lr * (rates[i] as number) }),
});

describe.each(optimizers)("optimizer $name", (row) => {
  test("equals its slow twin over five steps with a rate that changes", () => {
    const twin = row.slow();
    let expected = draw(1);
    let moved = start(row.optimizer, treeOf(expected));
    for (let i = 0; i < rates.length; i++) {
      const gradients = draw(2 + i);
      expected = twin(expected, gradients, hyperAt(row, i));
      moved = step(row.optimizer, moved, treeOf(gradients), hyperAt(row, i));
      for (const [path, { shape, data }] of Object.entries(arraysOf(moved.params)))
        expectClose({ shape, data }, expected[path] as never, { name: `step ${i}, ${path}`, relative: 2e-6, absolute: 2e-7 });
    }
  });

  test("asks for the scalars it reads, no more", () => {
    expect([...row.optimizer.hyper].sort()).toEqual(Object.keys(row.hyper).sort());
  });

  test("keeps the structure of parameters and state, and starts from its parameters' shapes alone", () => {
    const params = treeOf(draw(1));
    const begun = start(row.optimizer, params);
    expect(start(row.optimizer, treeOf(draw(9))).state).toEqual(begun.state);
    const moved = step(row.optimizer, begun, treeOf(draw(2)), hyperAt(row, 0));
    expect(structureOf(moved.params)).toEqual(structureOf(params));
    expect(structureOf(moved.updates)).toEqual(structureOf(params));
    expect(structureOf(moved.state)).toEqual(structureOf(begun.state));
    expect(moved.params).not.toEqual(params);
  });

  test("finds the bottom of a quadratic bowl", () => {
    const { lr, steps } = row.bowl;
    const rate = cosine({ from: lr, to: 0, steps });
    const bottom = draw(3);
    const curvature = draw(4);
    const stiffness = (path: string, i: number): number => 0.6 + 0.4 * (curvature[path]?.data[i] as number); // in [0.2, 1)
    const from = Object.fromEntries(
      Object.entries(bottom).map(([path, { shape, data }]) => [
        path,
        host(
          shape,
          Float64Array.from(data, (x) => x + 1),
        ),
      ]),
    );
    const below = (path: string, data: ArrayLike<number>): number[] => Array.from(data, (x, i) => x - (bottom[path]?.data[i] as number));
    const height = (tree: HostTree): number =>
      leaves<HostArray>(tree)
        .flatMap(([path, { data }]) => below(path, data).map((x, i) => stiffness(path, i) * x * x))
        .reduce((a, b) => a + b, 0);
    let moved = start(row.optimizer, treeOf(from));
    const first = height(moved.params);
    for (let i = 0; i < steps; i++) {
      const gradients = Object.fromEntries(
        Object.entries(arraysOf(moved.params)).map(([path, { shape, data }]) => [
          path,
          host(
            shape,
            below(path, data).map((x, j) => stiffness(path, j) * x),
          ),
        ]),
      );
      moved = step(row.optimizer, moved, treeOf(gradients), { ...row.hyper, wd: 0, lr: rate(i) });
    }
    expect(height(moved.params)).toBeLessThan(1e-3 * first);
  });

  test("under a mask touches nothing else and keeps no state for it", () => {
    const part = masked(row.optimizer, (path) => path.startsWith("fc/"));
    const [params, gradients] = [treeOf(draw(1)), treeOf(draw(2))];
    const begun = start(part, params);
    const moved = step(part, begun, gradients, hyperAt(row, 0));
    const whole = step(row.optimizer, start(row.optimizer, params), gradients, hyperAt(row, 0));
    const [updates, raw, alone] = [arraysOf(moved.updates), arraysOf(gradients), arraysOf(whole.updates)];
    for (const path of Object.keys(shapes)) expect(updates[path], path).toEqual(path.startsWith("fc/") ? alone[path] : raw[path]);
    for (const [path] of leaves<HostArray>(begun.state)) expect(path).not.toMatch(/norm\/scale|temperature$/);
  });
});
