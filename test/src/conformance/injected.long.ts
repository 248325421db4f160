import { evaluate, type HostArray, type HostTree, mapTree, rngOf, type Tensor, type Tree } from "@twinview/core";
import { onnxEngine } from "@twinview/engine";
import type { TrainingStep } from "@twinview/methods";
import { adamw, type Transform } from "@twinview/optim";
import { tell } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { batch, type MethodRow, methods } from "../tables/methods.ts";
import { odd, spoiltGradient, spoiltLoss } from "./injected.ts";
import { methodProgram } from "./programs.ts";
import { drawnPictures, scalarArray, shaken } from "./trees.ts";

const rows = ["moco-v3", "simclr", "byol", "swav"].map((name) => methods.find((row) => row.name === name) as MethodRow);
const parameter = "patch/w";
const optimizer = adamw() as Transform<unknown, string>;
const engine = onnxEngine({ spinning: false });
let tried = 0;

const inputsOf = (row: MethodRow, names: readonly string[], spoilt: Readonly<Record<string, number>> = {}) => {
  const numbers: Readonly<Record<string, number>> = { lr: 0.02, wd: 0.1, ...row.hyper, ...spoilt };
  return {
    ...Object.fromEntries(row.views.map(({ size }, view) => [`view${view}`, drawnPictures(batch, size, { seed: 7, view })])),
    ...Object.fromEntries(names.map((name) => [name, scalarArray(numbers[name] as number)])),
  };
};

const stateOf = (step: TrainingStep<string>): HostTree =>
  shaken(
    evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
    (path) => /^(online|target)\//.test(path),
  );

type Spoilt = Readonly<Record<string, number>>;

/** Runs a step with each of some inputs and gives, for each, whether it was taken over and what was not finite; the state is the same after. */
const stepped = async (row: MethodRow, step: TrainingStep<string>, state: HostTree, { spoilt = [{}], places = false }: Options = {}) => {
  const session = await engine.open({ state, programs: { step: methodProgram(row, step) }, threads: 1 });
  const found = [];
  try {
    for (const numbers of spoilt) {
      const inputs = inputsOf(row, step.hyper, numbers);
      const { committed, outputs } = await session.run("step", inputs);
      const first = places ? ((await session.nonFinite?.("step", inputs)) ?? [])[0] : undefined;
      const scalars = Object.entries(outputs).flatMap(([name, { data }]) => (Number.isFinite(data[0]) ? [] : [name]));
      found.push({ committed, first, scalars, numbers });
      tried++;
    }
    const kept = JSON.stringify(bits(await session.read())) === JSON.stringify(bits(state));
    return found.map((one) => ({ ...one, kept }));
  } finally {
    await session.close();
  }
};
interface Options {
  readonly spoilt?: readonly Spoilt[];
  readonly places?: boolean;
}
const bits = (tree: HostTree) =>
  mapTree<HostArray, HostArray>(({ data, ...leaf }) => ({ ...leaf, data: Buffer.from(data.buffer).toString("hex") as never }), tree);

const refused = { committed: false, kept: true };

describe.each(rows)("a number that is not finite in a step of $name", (row) => {
  const plain = row.step({ optimizer });
  const state = stateOf(plain);
  const path = `online/encoder/${parameter}`;

  test("a sound step is taken over, with the wrappers of this test in place", async () => {
    const step = row.step({ optimizer, around: { loss: spoiltLoss(0), encoder: (encoder) => encoder } });
    expect(await stepped(row, step, state)).toMatchObject([{ committed: true, kept: false, scalars: [] }]);
  });

  test("in any scheduled number that the step reads: stopped before the update, with monitors and without", async () => {
    const read = plain.hyper.filter((name) => name !== "useQueue"); // there is no queue here, so nothing reads it
    const spoilt = read.flatMap((name) => Object.values(odd).map((value): Spoilt => ({ [name]: value })));
    for (const monitors of [true, false])
      for (const found of await stepped(row, row.step({ optimizer, monitors }), state, { spoilt })) expect(found).toMatchObject(refused);
    const [rate] = await stepped(row, plain, state, { spoilt: [{ lr: Number.NaN }], places: true });
    expect(rate?.first).toMatchObject({ path: "input:lr" });
  });

  test.each(Object.entries(odd))("%s in a weight, the loss or a gradient: stopped before the update, and named", async (_, value) => {
    const spoilt = mapTree<HostArray, HostArray>(
      (leaf, at) => (at === path ? { ...leaf, data: Float32Array.from(leaf.data).fill(value, 3, 4) } : leaf),
      state,
    );
    expect(await stepped(row, plain, spoilt, { places: true })).toMatchObject([{ ...refused, first: { path: `state:${path}` } }]);
    const [loss] = await stepped(row, row.step({ optimizer, around: { loss: spoiltLoss(value) } }), state);
    expect(loss).toMatchObject(refused);
    expect(loss?.scalars[0]).toBe("loss");
    const around = { encoder: spoiltGradient(parameter, value) };
    for (const monitors of [true, false]) {
      const [gradient] = await stepped(row, row.step({ optimizer, monitors, around }), state);
      expect(gradient).toMatchObject(refused);
      expect(gradient?.scalars).not.toContain("loss");
      expect(gradient?.scalars[0]).toBe(monitors ? `gradientNorm/encoder/${parameter}` : "gradientNorm/all");
    }
  });
});

test("two thousand refused steps take no more memory than as many sound ones, nor does looking for the first place leave any", async () => {
  const row = rows[0] as MethodRow;
  const step = row.step({ optimizer });
  /** The engine's peak after each of some steps, and after each search for the first place behind them. */
  const peaks = async (lr: number, steps: number, searches: number) => {
    const session = await engine.open({ state: stateOf(step), programs: { step: methodProgram(row, step) }, threads: 1 });
    const inputs = inputsOf(row, step.hyper, { lr });
    const found: number[] = [];
    for (let i = 0; i < steps + searches; i++) {
      const { committed, peakRssBytes } = await session.run("step", inputs);
      expect(committed).toBe(Number.isFinite(lr));
      found.push(peakRssBytes);
      if (i >= steps) expect((await session.nonFinite?.("step", inputs))?.[0]?.path).toBe("input:lr");
    }
    await session.close();
    return found;
  };
  const [steps, searches] = [2000, 40];
  const [sound, refused] = [await peaks(1e-6, steps, 0), await peaks(Number.NaN, steps, searches)];
  const more = (refused[steps - 1] as number) - (sound[steps - 1] as number);
  const bySearches = (refused.at(-1) as number) - (refused[steps + searches / 2] as number);
  tell("refused-steps-memory", { steps, moreBytesThanSoundSteps: more, searches: searches / 2, bytesBySearches: bySearches });
  expect(more).toBeLessThan(16 * 2 ** 20);
  expect(bySearches).toBeLessThan(10 * 2 ** 20);
});

test("says how many were tried", () => {
  tell("injected-non-finite", { methods: rows.length, values: Object.keys(odd).length, steps: tried, updatesFromThem: 0 });
  expect(tried).toBeGreaterThan(100);
});
