import { type HostArray, leaves } from "@twinview/core";
import { type Engine, onnxEngine, referenceEngine } from "@twinview/engine";
import { lengthOf } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { below, files, type GoldenName, methodInputs, openMethod, stateBefore } from "./golden-methods.ts";

const names: readonly GoldenName[] = ["simclr", "byol", "swav"];

const gaps = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array => {
  expect(a.length).toBe(b.length);
  return Float64Array.from(a, (x, i) => x - (b[i] as number));
};
const largest = (values: Float64Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** One golden step on an engine: its loss, and every array of the state after it by path. */
const oneStep = async (name: GoldenName, engine: Engine, plain: boolean) => {
  const file = files[name];
  const session = await openMethod(name, engine, stateBefore(name), { plain });
  try {
    const wd = plain ? 0 : file.config.weightDecay;
    const scalars = { lr: file.lr, wd, momentum: file.targetMomentum, trainPrototypes: 1, useQueue: 1 };
    const { outputs, committed } = await session.run("step", methodInputs(name, 0, scalars));
    expect(committed).toBe(true);
    return { loss: outputs.loss?.data[0] as number, state: new Map(leaves<HostArray>(await session.read())) };
  } finally {
    await session.close();
  }
};

const engines = [
  ["onnx", onnxEngine()],
  ["reference", referenceEngine()],
] as const;

describe.each(names)("one whole step of %s against PyTorch in float64", (name) => {
  const file = files[name];

  it.each(engines)("has the same loss, to 1e-5 of it, and the same gradients, to 1e-4 of their norms, on %s", async (_, engine) => {
    const { loss, state } = await oneStep(name, engine, true);
    expect(Math.abs(loss - file.loss)).toBeLessThanOrEqual(1e-5 * file.loss);
    const wanted = below(name, "gradient/");
    const prefix = "optimizer/momentum/velocity/"; // plain descent: after one step the velocity is the gradient
    const ours = new Map([...state].filter(([path]) => path.startsWith(prefix)).map(([path, leaf]) => [path.slice(prefix.length), leaf]));
    expect([...ours.keys()].sort()).toEqual([...wanted.keys()].sort());
    const most = Math.max(...[...wanted.values()].map(({ data }) => lengthOf(data)));
    const far = [...wanted].flatMap(([path, { data }]) => {
      // an offset before a batch norm has a gradient of zero, and rounding in its place
      const allowed = lengthOf(data) < 1e-9 * most ? 1e-6 * most : 1e-4 * lengthOf(data);
      const error = lengthOf(gaps((ours.get(path) as HostArray).data, data));
      return error <= allowed ? [] : [`${path}: off by ${error}, allowed ${allowed}`];
    });
    expect(far).toEqual([]);
  });

  it("moves online parameters, target and queue as its official code does, within 3x of what PyTorch's own float32 is off", async () => {
    const { state } = await oneStep(name, onnxEngine(), false);
    const branches = { "after/online/": "online/", "after/target/": "target/", "after/queue/": "carried/crops/" } as const;
    for (const [kind, branch] of Object.entries(branches) as [keyof typeof branches, string][]) {
      const wanted = below(name, kind);
      const ours = [...state.keys()].filter((path) => path.startsWith(branch)).map((path) => path.slice(branch.length));
      expect(ours.sort()).toEqual([...wanted.keys()].sort());
      const far = ours.flatMap((path) => {
        const error = largest(gaps((state.get(branch + path) as HostArray).data, (wanted.get(path) as HostArray).data));
        return error <= 3 * file.float32Difference[kind]
          ? []
          : [`${branch}${path}: off by ${error}, allowed ${3 * file.float32Difference[kind]}`];
      });
      expect(far).toEqual([]);
    }
  });
});

describe.each(names)("twenty steps of %s with warm-up against PyTorch", (name) => {
  const { curve, config } = files[name];

  /** Steps further from PyTorch's float64 than three times its own spread, the largest so far. */
  const strayed = (losses: readonly number[]): readonly string[] =>
    curve.float64.flatMap((wanted, step) => {
      const gap = Math.abs((losses[step] ?? Number.NaN) - wanted);
      const spread = Math.max(...curve.spread.slice(0, step + 1));
      return gap <= 3 * spread ? [] : [`step ${step}: off by ${gap}, spread ${spread}`];
    });

  it("lose the same at every step, within 3x the spread of weights perturbed by 1e-7", async () => {
    const online = [...below(name, "before/online/")];
    const targets = name === "byol" ? online.filter(([path]) => !path.startsWith("heads/predictor/")) : [];
    const start = [
      ...online.map(([path, x]) => [`online/${path}`, x] as const),
      ...targets.map(([path, x]) => [`target/${path}`, x] as const),
    ];
    const session = await openMethod(name, onnxEngine(), new Map(start));
    try {
      const losses: number[] = [];
      for (const [step, lr] of curve.lr.entries()) {
        const scalars = {
          lr,
          wd: config.weightDecay,
          momentum: curve.targetMomentum[step] as number,
          trainPrototypes: curve.trainPrototypes[step] as number,
          useQueue: curve.useQueue[step] as number,
        };
        losses.push((await session.run("step", methodInputs(name, step, scalars))).outputs.loss?.data[0] as number);
      }
      expect(strayed(losses)).toEqual([]);
    } finally {
      await session.close();
    }
  });

  it("would be caught straying", () => {
    expect(strayed(curve.float64)).toEqual([]);
    expect(strayed(curve.float64.map((loss, step) => (step === 3 ? loss + 1e-4 : loss)))).toEqual([
      expect.stringMatching(/^step 3: off by/),
    ]);
  });
});
