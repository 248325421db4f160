import { evaluate, type HostArray, type HostTree, mapTree, rngOf, type Tensor, type Tree } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { graphEngines } from "../tables/engines.ts";
import { batch, type MethodRow, methods } from "../tables/methods.ts";
import { methodProgram } from "./programs.ts";
import { drawnPictures, scalarArray, shaken } from "./trees.ts";

const inputsOf = (row: MethodRow, hyper: readonly string[]): Readonly<Record<string, HostArray>> => {
  const numbers: Readonly<Record<string, number>> = { lr: 0.02, wd: 0.1, ...row.hyper };
  return {
    ...Object.fromEntries(row.views.map(({ size }, view) => [`view${view}`, drawnPictures(batch, size, { seed: 7, view })])),
    ...Object.fromEntries(hyper.map((name) => [name, scalarArray(numbers[name] as number)])),
  };
};

describe.each(graphEngines)("where numbers stop being finite on the $name engine", (engine) => {
  test.each(methods)("nowhere in a step of $name, and from a weight that is infinite on", async (row) => {
    const step = row.step();
    const state = shaken(
      evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
      (path) => /^(online|target)\//.test(path),
    );
    const path = row.encoder.mixesImages ? "online/encoder/conv1/w" : "online/encoder/patch/w";
    const spoilt = mapTree<HostArray, HostArray>(
      (leaf, at) => (at === path ? { ...leaf, data: Float32Array.from(leaf.data).fill(Number.POSITIVE_INFINITY, 3, 4) } : leaf),
      state,
    );
    const placesIn = async (from: HostTree) => {
      const session = await engine.open({ state: from, programs: { step: methodProgram(row, step) }, threads: 1 });
      const found = await session.nonFinite?.("step", inputsOf(row, step.hyper));
      const { committed } = await session.run("step", inputsOf(row, step.hyper));
      await session.close();
      return { found, committed };
    };
    expect(await placesIn(state)).toEqual({ found: [], committed: true });
    const { found, committed } = await placesIn(spoilt);
    expect(committed).toBe(false);
    expect(found?.[0]).toEqual({ path: `state:${path}`, op: "input", shape: expect.anything() });
    expect(found?.length).toBeGreaterThan(10);
  });
});
