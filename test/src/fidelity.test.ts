import type { HostArray } from "@twinview/core";
import { leaves } from "@twinview/core";
import { onnxEngine, referenceEngine } from "@twinview/engine";
import { beforeAll, describe, expect, it } from "vitest";
import { curve, lossesOn, strayed } from "./golden-curve.ts";
import { goldenView } from "./golden-pictures.ts";
import { below, type GoldenConfig, goldenJson, openGolden, stepInputs, tensors } from "./golden-step.ts";

interface StepFile {
  readonly config: GoldenConfig & { readonly lr: number; readonly momentum: number };
  readonly loss: number;
  readonly float32Difference: Readonly<Record<"gradient/" | "after/online/" | "after/target/", { readonly absolute: number }>>;
}
const file = goldenJson<StepFile>("moco_v3_step.json");

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));
const minus = (a: ArrayLike<number>, b: ArrayLike<number>): readonly number[] => {
  expect(a.length).toBe(b.length);
  return Array.from(a, (x, i) => x - (b[i] as number));
};
const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

// The gradients of these are zero in exact arithmetic, so float32 holds rounding noise, which Adam turns into steps of up to lr:
// a constant before batch norm, and one number added to every key of a query's softmax (elements dim .. 2 dim - 1).
const unread = "encoder/norm/shift";
const readable = (path: string, values: ArrayLike<number>): readonly number[] => {
  if (path === unread) return [];
  const { dim } = file.config;
  return Array.from(values).filter((_, i) => !(path.endsWith("attention/qkv/b") && i >= dim && i < 2 * dim));
};

/** One golden step: its loss, and every array of the state after it by path. */
const oneStep = async (engine: ReturnType<typeof onnxEngine>, options: { readonly chunk?: number } = {}) => {
  const session = await openGolden(engine, file.config, below("before/"), options);
  try {
    const images = ["images1", "images2"].map((name) => tensors.get(name)?.data as Uint8Array) as [Uint8Array, Uint8Array];
    const { outputs, committed } = await session.run("step", stepInputs(file.config, images, file.config));
    expect(committed).toBe(true);
    return { outputs, state: new Map(leaves<HostArray>(await session.read())) };
  } finally {
    await session.close();
  }
};

const cases = [
  { name: "onnx", engine: onnxEngine(), options: {} },
  { name: "onnx, encoder in chunks of 3", engine: onnxEngine(), options: { chunk: 3 } },
  { name: "reference", engine: referenceEngine(), options: {} },
] as const;

describe.each(cases)("one MoCo v3 step against PyTorch in float64, $name", ({ engine, options }) => {
  let stepped: Awaited<ReturnType<typeof oneStep>>;
  beforeAll(async () => {
    stepped = await oneStep(engine, options);
  });

  it("has the same loss, to 1e-5 of it", () => {
    const loss = stepped.outputs.loss?.data[0] as number;
    expect(Math.abs(loss - file.loss)).toBeLessThanOrEqual(1e-5 * file.loss);
  });

  it("has the same gradient of every parameter, to 1e-4 of its norm", () => {
    const { state, outputs } = stepped;
    const wanted = below("gradient/");
    const trained = [...state.keys()].filter((path) => path.startsWith("online/")).map((path) => path.slice("online/".length));
    expect(trained.sort()).toEqual([...wanted.keys()].sort());
    const most = Math.max(...[...wanted.values()].map(({ data }) => norm(data)));
    const far = trained.flatMap((path) => {
      const gradient = (wanted.get(path) as HostArray).data;
      // after the first step Adam's decayed sum of gradients is the gradient
      const ours = (state.get(`optimizer/adam/mu/${path}`) as HostArray).data;
      const monitored = outputs[`gradientNorm/${path}`]?.data[0] as number;
      const allowed = path === unread ? 1e-6 * most : 1e-4 * norm(gradient);
      const error = norm(minus(ours, gradient));
      expect(Math.abs(monitored - norm(ours))).toBeLessThanOrEqual(1e-5 * norm(ours) + 1e-7 * most);
      return error <= allowed ? [] : [`${path}: off by ${error}, allowed ${allowed}`];
    });
    expect(far).toEqual([]);
  });

  it("moves the target first, and the parameters by AdamW after, within 3x of what PyTorch's own float32 is off", () => {
    const { state } = stepped;
    for (const side of ["online", "target"] as const) {
      const wanted = below(`after/${side}/`);
      const ours = [...state.keys()].filter((path) => path.startsWith(`${side}/`)).map((path) => path.slice(side.length + 1));
      expect(ours.sort()).toEqual([...wanted.keys()].sort());
      const allowed = 3 * file.float32Difference[`after/${side}/`].absolute;
      const far = ours.flatMap((path) => {
        const [after, golden] = [state.get(`${side}/${path}`) as HostArray, wanted.get(path) as HostArray].map(({ data }) => data);
        const gaps = minus(after as Float32Array, golden as Float32Array);
        const error = largest(side === "online" ? readable(path, gaps) : gaps);
        return error <= allowed ? [] : [`${side}/${path}: off by ${error}, allowed ${allowed}`];
      });
      expect(far).toEqual([]);
    }
  });

  it("moves what gets no gradient by no more than Adam's step and the decay", () => {
    const { state } = stepped;
    const { lr, weightDecay } = file.config;
    const before = tensors.get(`before/online/${unread}`)?.data as Float32Array;
    const after = state.get(`online/${unread}`)?.data as Float32Array;
    for (const [i, gap] of minus(after, before).entries())
      expect(Math.abs(gap)).toBeLessThanOrEqual(lr * (1 + weightDecay * Math.abs(before[i] as number)) * 1.001);
  });
});

describe("twenty MoCo v3 steps with warm-up against PyTorch", () => {
  it("see the same pictures", () => {
    const { step, view, first, sum } = curve.checkPixels;
    const bytes = goldenView(step, view, curve.config);
    expect([...bytes.slice(0, first.length)]).toEqual(first);
    expect(bytes.reduce((total, byte) => total + byte, 0)).toBe(sum);
    for (const [name, which] of [
      ["images1", 0],
      ["images2", 1],
    ] as const)
      expect(goldenView(0, which, file.config)).toEqual(Uint8Array.from(tensors.get(name)?.data as Uint8Array));
  });

  it("lose the same at every step, within 3x the spread of weights perturbed by 1e-7", async () => {
    expect(strayed(await lossesOn(onnxEngine()))).toEqual([]);
  });

  it("would be caught straying by a few millionths, or missing", () => {
    expect(strayed(curve.float64)).toEqual([]);
    expect(strayed(curve.float64.map((loss, step) => (step === 7 ? loss + 1e-5 : loss)))).toEqual([
      expect.stringMatching(/^step 7: off by/),
    ]);
    expect(strayed(curve.float64.slice(0, 19))).toHaveLength(1);
  });
});
