import {
  constant,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  ShapeError,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { drawn, expectClose } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import {
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  decayMatrices,
  masked,
  scaleBy,
  scaleByAdam,
  sgd,
  type TensorTree,
  type Transform,
  trace,
} from "./index.ts";

const array = (shape: readonly number[], seed: number): HostArray => hostArray(Float32Array.from(drawn(shape, { seed }).data), shape);
const params = { fc: { w: array([2, 3], 1), b: array([3], 2) } };
const gradients = { fc: { w: array([2, 3], 3), b: array([3], 4) } };

/** Updates and state after one step from the start. */
const once = <S, H extends string>(
  transform: Transform<S, H>,
  hyper: { readonly [K in H]: number },
  updates: HostTree = gradients,
): { readonly updates: typeof params; readonly state: HostTree } =>
  evaluate(() => {
    const tensors = toTensors(params) as TensorTree;
    const scalars = Object.fromEntries(Object.entries<number>(hyper).map(([name, value]) => [name, constant([value], [])]));
    const out = transform.update({ updates: toTensors(updates), state: transform.init(tensors), params: tensors, hyper: scalars as never });
    return { updates: out.updates, state: out.state as Tree<Tensor> };
  }) as never;

const combined = (f: (g: number, p: number) => number, g: HostArray, p: HostArray): number[] =>
  Array.from(g.data, (value, i) => f(value, p.data[i] as number));

describe("single transforms", () => {
  test("the first step of Adam is the gradient's sign, whatever the betas", () => {
    // m / sqrt(v) = (1 - b1) g / (1 - b1) / sqrt((1 - b2) g^2 / (1 - b2)) = sign(g)
    for (const options of [{}, { b1: 0.5, b2: 0.9 }, { b1: 0, b2: 0 }]) {
      const { updates } = once(scaleByAdam(options), {});
      expectClose(
        updates.fc.w.data,
        combined((g) => Math.sign(g), gradients.fc.w, params.fc.w),
        { absolute: 1e-5 },
      );
    }
  });

  test("Adam leaves a parameter without gradient where it is", () => {
    const { updates } = once(scaleByAdam(), {}, { fc: { w: hostArray([0, 0, 0, 0, 0, 0], [2, 3]), b: gradients.fc.b } });
    expect(Array.from(updates.fc.w.data)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("momentum's first step is the gradient, or 1 + decay times it with Nesterov", () => {
    expect(once(trace({ decay: 0.9 }), {}).updates).toEqual(gradients);
    const ahead = once(trace({ decay: 0.9, nesterov: true }), {}).updates;
    expectClose(
      ahead.fc.b.data,
      combined((g) => 1.9 * g, gradients.fc.b, params.fc.b),
      { relative: 1e-6 },
    );
  });

  test("decay adds the weights where its mask holds, and nothing elsewhere", () => {
    const all = once(addDecayedWeights("wd"), { wd: 0.5 }).updates;
    expectClose(
      all.fc.w.data,
      combined((g, p) => g + 0.5 * p, gradients.fc.w, params.fc.w),
      { absolute: 1e-7 },
    );
    expectClose(
      all.fc.b.data,
      combined((g, p) => g + 0.5 * p, gradients.fc.b, params.fc.b),
      { absolute: 1e-7 },
    );
    const matrices = once(addDecayedWeights("wd", { mask: decayMatrices }), { wd: 0.5 }).updates;
    expect([matrices.fc.w, matrices.fc.b]).toEqual([all.fc.w, gradients.fc.b]);
    const byPath = once(addDecayedWeights("wd", { mask: (path) => path === "fc/b" }), { wd: 0.5 }).updates;
    expect([byPath.fc.w, byPath.fc.b]).toEqual([gradients.fc.w, all.fc.b]);
  });

  test("scaleBy multiplies by its scalar, with its sign", () => {
    const down = once(scaleBy("lr", { sign: -1 }), { lr: 0.25 }).updates;
    expect(Array.from(down.fc.b.data)).toEqual(combined((g) => Math.fround(-0.25 * g), gradients.fc.b, params.fc.b));
    expect(Array.from(once(scaleBy("lr"), { lr: 2 }).updates.fc.b.data)).toEqual(combined((g) => 2 * g, gradients.fc.b, params.fc.b));
  });

  test("applyUpdates adds, and refuses trees that do not match", () => {
    const sum = evaluate(() => applyUpdates(toTensors(params), toTensors(gradients))) as unknown as typeof params;
    expectClose(
      sum.fc.b.data,
      combined((g, p) => p + g, gradients.fc.b, params.fc.b),
      { absolute: 1e-7 },
    );
    expect(() => evaluate(() => applyUpdates(toTensors(params), toTensors({ fc: { w: gradients.fc.w } })))).toThrow(
      new ShapeError('mapTree: the trees differ at "fc/b"'),
    );
  });
});

describe("chain", () => {
  test("applies its parts in order: a decay before the rate is scaled by it, one after is not", () => {
    const before = once(chain({ decay: addDecayedWeights("wd"), lr: scaleBy("lr") }), { wd: 0.5, lr: 0.1 }).updates;
    const after = once(chain({ lr: scaleBy("lr"), decay: addDecayedWeights("wd") }), { wd: 0.5, lr: 0.1 }).updates;
    expectClose(
      before.fc.b.data,
      combined((g, p) => 0.1 * (g + 0.5 * p), gradients.fc.b, params.fc.b),
      { absolute: 1e-7 },
    );
    expectClose(
      after.fc.b.data,
      combined((g, p) => 0.1 * g + 0.5 * p, gradients.fc.b, params.fc.b),
      { absolute: 1e-7 },
    );
  });

  test("names the state by its parts", () => {
    const { state } = once(adamw(), { lr: 0.1, wd: 0 });
    expect(Object.keys(state as object)).toEqual(["adam", "decay", "lr"]);
    expect(Object.keys((state as { adam: object }).adam)).toEqual(["mu", "nu", "weight1", "weight2"]);
  });

  test("asks for each scalar once", () => {
    expect(adamw().hyper).toEqual(["wd", "lr"]);
    expect(chain({ a: scaleBy("lr"), b: scaleBy("lr") }).hyper).toEqual(["lr"]);
    expect(chain({}).hyper).toEqual([]);
  });

  test("of nothing changes nothing", () => {
    expect(once(chain({}), {}).updates).toEqual(gradients);
  });
});

test("masked hands its inner transform the chosen leaves only", () => {
  const { updates, state } = once(
    masked(trace({ decay: 0.9, nesterov: true }), (path) => path.endsWith("/w")),
    {},
  );
  expectClose(
    updates.fc.w.data,
    combined((g) => 1.9 * g, gradients.fc.w, params.fc.w),
    { relative: 1e-6 },
  );
  expect(updates.fc.b).toEqual(gradients.fc.b);
  expect(state).toEqual({ velocity: { fc: { w: gradients.fc.w } } });
});

test("types: scalars and names of states are inferred", () => {
  const optimizer = adamw();
  const names: readonly ("lr" | "wd")[] = optimizer.hyper;
  expect(names).toHaveLength(2);
  // @ts-expect-error adamw reads no scalar named momentum
  const wrong: readonly "momentum"[] = optimizer.hyper;
  expect(wrong).toBe(names);
  const init = (): Tensor => optimizer.init(toTensors(params) as TensorTree).adam.weight1;
  expect(evaluate(() => init())).toEqual(hostArray([0], []));
  // @ts-expect-error the chain has no part named momentum
  expect(() => evaluate(() => optimizer.init(toTensors(params) as TensorTree).momentum.velocity)).toThrow(TypeError);
  const descent = sgd();
  const fed = { lr: 0.1 };
  // @ts-expect-error sgd reads wd too
  expect(() => once(descent, fed)).toThrow();
});
