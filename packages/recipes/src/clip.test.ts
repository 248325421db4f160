import { decode, encode } from "@twinview/config";
import { constant, evaluate, hostArray, type Scalar, type Tensor, type Tree, toTensors } from "@twinview/core";
import { clipAdaptively, clipByGlobalNorm, type TensorTree, type Transform } from "@twinview/optim";
import { describe, expect, test } from "vitest";
import { type OptimizerConfig, optimizerCodec, optimizerOf } from "./optimizer.ts";

const base = { kind: "sgd", baseRate: 0.1, weightDecay: 0, warmupEpochs: 0 } as const;
const params = { w: hostArray([3, 0, 0, 4], [2, 2]), b: hostArray([1, 1], [2]) };
const gradients = { w: hostArray([30, 1, 40, 1], [2, 2]), b: hostArray([0.001, 0], [2]) };

/** What a transform makes of the gradients, without decay and with rate 1: the first step of SGD is minus the gradient it saw. */
const updatesOf = <S, H extends string>(transform: Transform<S, H>) =>
  evaluate(() => {
    const now = toTensors(params) as TensorTree;
    const hyper: Readonly<Record<string, Scalar>> = { lr: constant([1], []), wd: constant([0], []) };
    const out = transform.update({ updates: toTensors(gradients), state: transform.init(now), params: now, hyper: hyper as never });
    return { updates: out.updates, state: out.state as Tree<Tensor> };
  });

const negated = (tree: Tree<{ readonly data: ArrayLike<number> }>) =>
  Object.entries(tree as Record<string, { readonly data: ArrayLike<number> }>).map(([path, { data }]) => [
    path,
    Array.from(data, (x) => -x),
  ]);

const seenBySgd = (config: OptimizerConfig) => negated((updatesOf(optimizerOf(config)) as { readonly updates: never }).updates);
const clipped = (transform: Transform<null>) =>
  negated((updatesOf(transform) as { readonly updates: never }).updates).map(([path, data]) => [path, (data as number[]).map((x) => -x)]);

describe("clipping of the configuration", () => {
  test("the optimizer sees what the clipping leaves, with the limits as documented when none is named", () => {
    const raw = Object.entries(gradients).map(([path, { data }]) => [path, Array.from(data)]);
    expect(seenBySgd(base)).toEqual(raw);
    expect(seenBySgd({ ...base, clip: { kind: "none" } })).toEqual(raw);
    expect(seenBySgd({ ...base, clip: { kind: "global-norm" } })).toEqual(clipped(clipByGlobalNorm(1)));
    expect(seenBySgd({ ...base, clip: { kind: "global-norm", norm: 5 } })).toEqual(clipped(clipByGlobalNorm(5)));
    expect(seenBySgd({ ...base, clip: { kind: "adaptive" } })).toEqual(clipped(clipAdaptively({ ratio: 0.01, floor: 0.001 })));
    expect(seenBySgd({ ...base, clip: { kind: "adaptive", ratio: 0.1 } })).toEqual(clipped(clipAdaptively({ ratio: 0.1, floor: 0.001 })));
    expect(seenBySgd({ ...base, clip: { kind: "adaptive" } })).not.toEqual(raw);
  });

  test("leaves the optimizer's state where it was, so that checkpoints with and without it are alike", () => {
    const structure = (config: OptimizerConfig) => JSON.stringify(updatesOf(optimizerOf(config)), (key, x) => (key === "data" ? 0 : x));
    for (const kind of ["adamw", "lamb"] as const)
      expect(structure({ ...base, kind, clip: { kind: "adaptive" } })).toBe(structure({ ...base, kind }));
  });

  test("a configuration written before there was any clipping reads as it did; a foreign field is named", () => {
    expect(decode(optimizerCodec, base, "config.json")).toEqual({ _tag: "Right", right: base });
    expect(encode(optimizerCodec, base)).toEqual(base);
    const refused = (clip: object) => decode(optimizerCodec, { ...base, clip }, "config.json");
    expect(refused({ kind: "adaptive", norm: 1 })).toMatchObject({ _tag: "Left", left: { what: "clip.norm: unknown key" } });
    expect(refused({ kind: "adaptiv" })).toMatchObject({
      _tag: "Left",
      left: { what: "clip.kind: wrong value", fix: 'did you mean "adaptive"?' },
    });
  });
});
