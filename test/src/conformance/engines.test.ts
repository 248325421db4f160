import * as core from "@twinview/core";
import {
  add,
  broadcastTo,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  leaves,
  log,
  mapTree,
  mul,
  rngOf,
  sum,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { type Program, type RunResult, referenceEngine, type Session } from "@twinview/engine";
import { expectClose } from "@twinview/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, noTensorflow } from "../tables/engines.ts";
import { batch, type MethodRow, methods } from "../tables/methods.ts";
import { type ModuleRow, modules } from "../tables/modules.ts";
import { notOperations, operations } from "../tables/operations.ts";
import { optimizers } from "../tables/optimizers.ts";
import { methodProgram, moduleProgram, operationProgram, optimizerProgram } from "./programs.ts";
import { drawnArray, drawnPictures, expectState, scalarArray, shaken } from "./trees.ts";

type Arrays = Readonly<Record<string, HostArray>>;

const reference = referenceEngine();
const host = ({ shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): HostArray => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(data),
});

/** Float32 sums in another order differ by a few roundings of their largest term; 5e-6 is 42 of them, over two layers and their gradients. */
const expectEqual = (found: Arrays, expected: Arrays, ofLargest: number): void => {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, array] of Object.entries(expected)) {
    expect(found[name]?.dtype, name).toBe(array.dtype);
    expectClose(found[name] as HostArray, array, { name, ofLargest, absolute: ofLargest / 10 });
  }
};

test("the table of operations covers the exports of the core", () => {
  const covered = new Set<string>([...operations.map((row) => row.of), ...notOperations]);
  expect([...covered].sort()).toEqual(Object.keys(core).sort());
});

test("the tensorflow engine is among those held to the reference", ({ skip }) => {
  if (noTensorflow !== undefined) skip(noTensorflow);
  expect(engines.map(({ name }) => name)).toContain("tensorflow");
});

interface Case {
  readonly name: string;
  readonly program: Program;
  readonly inputs: Arrays;
}

const operationCases = operations.map(
  (row): Case => ({
    name: row.name,
    program: operationProgram(row),
    inputs: Object.fromEntries(Object.entries(row.inputs).map(([name, numbers]) => [name, host(numbers)])),
  }),
);

const moduleCase = (row: ModuleRow, train: boolean): Case => {
  const vars = evaluate(() => row.init(rngOf(1)) as Tree<Tensor>) as unknown as { readonly params: HostTree; readonly state: HostTree };
  const params = shaken(vars.params);
  const x = drawnArray(row.input, { seed: 3, low: -1.5, high: 1.5 });
  const point = { params, x } as unknown as HostTree;
  return {
    name: `${row.name} (train: ${train})`,
    program: moduleProgram(row, vars, train),
    inputs: Object.fromEntries(leaves<HostArray>(point)),
  };
};
const moduleCases = modules.flatMap((row) => [moduleCase(row, true), moduleCase(row, false)]);

const methodInputs = (row: MethodRow, names: readonly string[], at: number): Arrays => ({
  ...Object.fromEntries(row.views.map(({ size }, view) => [`view${view}`, drawnPictures(batch, size, { seed: 7 + at, view })])),
  ...Object.fromEntries(
    names.map((name) => [name, scalarArray(({ lr: 0.02, wd: 0.1, ...row.hyper } as Record<string, number>)[name] as number)]),
  ),
});

describe.each(engines)("engine $name gives the reference engine's numbers", (engine) => {
  describe.each([
    { what: "operation", cases: operationCases },
    { what: "module", cases: moduleCases },
  ])("$what", ({ cases }) => {
    let sessions: readonly Session[] = [];
    beforeAll(async () => {
      const programs = Object.fromEntries(cases.map(({ name, program }) => [name, program]));
      sessions = await Promise.all([reference, engine].map((each) => each.open({ state: null, programs, threads: 1 })));
    });
    afterAll(() => Promise.all(sessions.map((session) => session.close())));

    test.each(cases)("$name", async ({ name, inputs }) => {
      const [expected, found] = (await Promise.all(sessions.map((session) => session.run(name, inputs)))) as [RunResult, RunResult];
      expectEqual(found.outputs, expected.outputs, 5e-6);
    });
  });

  test.each(optimizers)("optimizer $name over three steps", async (row) => {
    // more than one leaf of a kind, of several sizes: engines may lay small ones side by side
    const shapes = { a: [3, 4], b: [4], c: [4], d: [40, 30], e: [], f: [30] };
    const draw = (seed: number): HostTree =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, drawnArray(shape, { seed: 10 * seed + i })]));
    const params = draw(1);
    const state = { params, optimizer: evaluate(() => row.optimizer.init(toTensors(params)) as Tree<Tensor>) } as HostTree;
    const read = async (each: typeof engine): Promise<HostTree> => {
      const session = await each.open({ state, programs: { step: optimizerProgram(row, params) }, threads: 1 });
      for (let i = 0; i < 3; i++) {
        const hyper = Object.fromEntries(
          Object.entries(row.hyper).map(([name, value]) => [name, scalarArray(name === "lr" ? value / (i + 1) : value)]),
        );
        await session.run("step", { ...(draw(2 + i) as Arrays), ...hyper });
      }
      const after = await session.read();
      await session.close();
      return after;
    };
    const [expected, found] = [await read(reference), await read(engine)];
    expectEqual(Object.fromEntries(leaves<HostArray>(found)), Object.fromEntries(leaves<HostArray>(expected)), 1e-6);
  });

  describe.each(methods)("method $name", (row) => {
    const step = row.step({ chunk: 4 });
    const state = shaken(
      evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
      (path) => /^(online|target)\//.test(path),
    );
    const programs = { step: methodProgram(row, step) };
    /** The state and the metrics after each of the steps at the given places. */
    const steps = async (
      each: typeof engine,
      from: HostTree,
      places: readonly number[],
    ): Promise<readonly (readonly [HostTree, Arrays])[]> => {
      const session = await each.open({ state: from, programs, threads: 1 });
      const after: (readonly [HostTree, Arrays])[] = [];
      for (const at of places) {
        const { outputs } = await session.run("step", methodInputs(row, step.hyper, at));
        after.push([await session.read(), outputs]);
      }
      await session.close();
      return after;
    };
    let found: Awaited<ReturnType<typeof steps>> = [];
    beforeAll(async () => {
      found = await steps(engine, state, [0, 1]);
    });

    test("over two steps: metrics and the whole state", async () => {
      const expected = await steps(reference, state, [0, 1]);
      for (const [i, [tree, outputs]] of expected.entries()) {
        // rounding grows through a step: gradients are good to 2e-5 of their largest, and the next loss is that much steeper
        const tolerance = row.rounding * (i === 0 ? 2e-5 : 2e-4);
        expectEqual(found[i]?.[1] as Arrays, outputs, tolerance);
        expectState(found[i]?.[0] as HostTree, tree, { ofLargest: tolerance, absolute: tolerance / 10 });
      }
    });

    test("and a run cut in two is bit-equal to one that was not", async () => {
      const [[middle], last] = found as readonly [readonly [HostTree, Arrays], readonly [HostTree, Arrays]];
      expect(await steps(engine, middle, [1])).toEqual([last]);
    });
  });
});

/** A counter with a logarithm: not a number once it is fed something negative. */
const counting: Program = {
  inputs: { by: { shape: [], dtype: "float32" } },
  run: ({ state, inputs }) => {
    const { total, trail } = state as { readonly total: Tensor; readonly trail: Tensor };
    const next = add(total, inputs.by as Tensor);
    return { state: { total: next, trail: add(trail, next) }, outputs: { size: log(inputs.by as Tensor), total: next } };
  },
};
const reading: Program = {
  inputs: {},
  run: ({ state }) => ({ outputs: { sum: sum((state as { readonly trail: Tensor }).trail) } }),
};

/** Three programs that share working memory: sums that start at 0, grow from run to run, and are added to the state at the end. */
interface Sums {
  readonly a: Tensor;
  readonly b: Tensor;
}
const sumsOf = (tree: Tree<Tensor>): Sums => tree as unknown as Sums;
const starting: Program = {
  inputs: { zero: { shape: [], dtype: "float32" } },
  run: ({ scratch, inputs }) => ({
    scratch: mapTree<Tensor, Tensor>(({ shape }) => broadcastTo(inputs.zero as Tensor, shape), scratch),
    outputs: {},
  }),
};
const summing: Program = {
  inputs: { by: { shape: [3], dtype: "float32" } },
  run: ({ scratch, inputs }) => {
    const { a, b } = sumsOf(scratch);
    const by = inputs.by as Tensor;
    return { scratch: { a: add(a, by), b: add(b, mul(by, 2)) }, outputs: { size: sum(log(by)) } };
  },
};
const taking: Program = {
  inputs: {},
  run: ({ state, scratch }) => {
    const [before, sums] = [sumsOf(state), sumsOf(scratch)];
    return { state: { a: add(before.a, sums.a), b: add(before.b, sums.b) }, outputs: { total: sum(sums.a) } };
  },
};

describe.each([reference, ...engines])("engine $name", (engine) => {
  const start = { total: scalarArray(0), trail: drawnArray([2, 3], { seed: 1 }) } as HostTree;
  const open = (): Promise<Session<"count" | "read">> =>
    engine.open({ state: start, programs: { count: counting, read: reading }, threads: 1 });

  test("gives back the state it was opened with, bit for bit, as a copy", async () => {
    const session = await open();
    const read = await session.read();
    expect(read).toEqual(start);
    ((read as { readonly total: HostArray }).total.data as Float32Array)[0] = 99;
    expect(await session.read()).toEqual(start);
    await session.close();
  });

  test("does not take over the state of a step whose scalars are not finite", async () => {
    const session = await open();
    const good = await session.run("count", { by: scalarArray(2) });
    expect([good.committed, good.outputs.total?.data[0]]).toEqual([true, 2]);
    const before = await session.read();
    const bad = await session.run("count", { by: scalarArray(-5) });
    expect([bad.committed, bad.outputs.size?.data[0]]).toEqual([false, Number.NaN]);
    expect(await session.read()).toEqual(before);
    const infinite = await session.run("count", { by: scalarArray(0) });
    expect([infinite.committed, infinite.outputs.size?.data[0]]).toEqual([false, Number.NEGATIVE_INFINITY]);
    expect(await session.read()).toEqual(before);
    const next = await session.run("count", { by: scalarArray(1) });
    expect([next.committed, next.outputs.total?.data[0]]).toEqual([true, 3]);
    await session.close();
  });

  test("sees in one program what another has written", async () => {
    const session = await open();
    const first = (await session.run("read", {})).outputs.sum?.data[0] as number;
    await session.run("count", { by: scalarArray(2) });
    const then = (await session.run("read", {})).outputs.sum?.data[0] as number;
    expectClose(then, first + 12, { name: "sum of the trail", absolute: 1e-6 });
    await session.close();
  });

  test("hands working memory from program to program, takes none of a run that is not finite, and reads out the state alone", async () => {
    const start = { a: hostArray([1, 2, 3], [3]), b: hostArray([4, 5, 6], [3]) };
    const scratch = { a: { shape: [3] }, b: { shape: [3] } };
    const session = await engine.open({ state: start, scratch, programs: { start: starting, sum: summing, take: taking }, threads: 1 });
    const by = (...numbers: readonly number[]) => session.run("sum", { by: hostArray(numbers, [3]) });
    await by(1, 1, 1); // working memory is 0 at first
    await by(1, 2, 3);
    expect((await by(1, -1, 1)).committed).toBe(false);
    expect(await session.read()).toEqual(start);
    expect((await session.run("take", {})).outputs.total?.data[0]).toBe(9);
    expect(await session.read()).toEqual({ a: hostArray([3, 5, 7], [3]), b: hostArray([8, 11, 14], [3]) });
    await session.run("start", { zero: scalarArray(0) });
    await by(1, 1, 1);
    await session.run("take", {});
    expect(await session.read()).toEqual({ a: hostArray([4, 6, 8], [3]), b: hostArray([10, 13, 16], [3]) });
    await session.close();
  });

  test("tells how long it computed and how much memory its process has held", async () => {
    const session = await open();
    const { seconds, peakRssBytes } = await session.run("read", {});
    expect(seconds).toBeGreaterThan(0);
    expect(peakRssBytes).toBeGreaterThan(10e6);
    await session.close();
  });
});
