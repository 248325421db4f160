import {
  constant,
  evaluate,
  type HostArray,
  type HostTree,
  leaves,
  rngOf,
  type Scalar,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { sgd } from "@twinview/optim";
import { drawn, expectClose } from "@twinview/testkit";
import { vit } from "@twinview/vit";
import { describe, expect, it } from "vitest";
import { byol } from "./byol.ts";
import { mocoV3 } from "./moco-v3.ts";
import { simclr } from "./simclr.ts";
import type { TrainingState } from "./training-state.ts";
import { type TrainingStep, trainingStep } from "./training-step.ts";

const encoder = vit({ size: { name: "smallest", dim: 8, depth: 1, heads: 2 }, patch: 4, image: 8 });
const optimizer = sgd({ momentum: 0 });
const start = (step: TrainingStep<never>): HostTree => evaluate(() => step.init(rngOf(1)) as unknown as Tree<Tensor>);
const pathsOf = (state: HostTree, prefix: string): readonly string[] =>
  leaves<HostArray>(state).flatMap(([path]) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
const leafOf = (state: HostTree, path: string): HostArray => new Map(leaves<HostArray>(state)).get(path) as HostArray;

const lossOf = (step: TrainingStep<never>, state: HostTree, momentum: number): number => {
  const { loss } = evaluate(() => {
    const views = [1, 2].map((seed) => constant(Array.from(drawn([5, 8, 8, 3], { seed, low: 0, high: 255 }).data), [5, 8, 8, 3]));
    const hyper = Object.fromEntries(Object.entries({ lr: 0, wd: 0, momentum }).map(([name, x]) => [name, constant([x], []) as Scalar]));
    return { loss: step.step({ state: toTensors(state) as unknown as TrainingState, views, hyper }).metrics.loss as Tensor };
  }) as { readonly loss: HostArray };
  return loss.data[0] as number;
};

/** The target's tree with the numbers of another network. */
const otherTarget = (step: TrainingStep<never>): HostTree =>
  (evaluate(() => step.init(rngOf(99)) as unknown as Tree<Tensor>) as { readonly target: HostTree }).target;

describe("mocoV3", () => {
  it("with momentum 0 has the online network's own embeddings as keys", () => {
    const step = trainingStep({ encoder, method: mocoV3({ hidden: 8, out: 6 }), optimizer }) as never;
    const state = start(step) as { readonly online: HostTree; readonly target: HostTree };
    const far = { ...state, target: evaluate(() => toTensors(otherTarget(step))) };
    expectClose(lossOf(step, far as HostTree, 0), lossOf(step, state as unknown as HostTree, 1), { relative: 1e-6 });
    expect(Math.abs(lossOf(step, far as HostTree, 1) - lossOf(step, state as unknown as HostTree, 1))).toBeGreaterThan(1e-3);
  });

  it("has the heads of ResNet-50's recipe, and neither norms nor a predictor where they are switched off", () => {
    const heads = (method: ReturnType<typeof mocoV3>) =>
      pathsOf(start(trainingStep({ encoder, method, optimizer }) as never), "online/heads/");
    expect(heads(mocoV3({ hidden: 8, out: 6, projectorLayers: 2, predictorNorm: false }))).toEqual([
      "projector/fc1/w",
      "projector/bn1/scale",
      "projector/bn1/shift",
      "projector/fc2/w",
      "predictor/fc1/w",
      "predictor/bn1/scale",
      "predictor/bn1/shift",
      "predictor/fc2/w",
    ]);
    expect(heads(mocoV3({ hidden: 8, out: 6, predictor: false, norm: false }))).toEqual([
      "projector/fc1/w",
      "projector/fc1/b",
      "projector/fc2/w",
      "projector/fc2/b",
      "projector/fc3/w",
      "projector/fc3/b",
    ]);
  });
});

describe("byol", () => {
  it("starts its target with values of its own, or from a copy", () => {
    const target = (targetStart: "copy" | "own"): HostTree =>
      start(trainingStep({ encoder, method: byol({ hidden: 8, out: 6, targetStart }), optimizer }) as never);
    const path = "encoder/patch/w";
    expect(leafOf(target("copy"), `target/${path}`)).toEqual(leafOf(target("copy"), `online/${path}`));
    expect(leafOf(target("own"), `target/${path}`).data).not.toEqual(leafOf(target("own"), `online/${path}`).data);
    expect(leafOf(target("own"), `online/${path}`)).toEqual(leafOf(target("copy"), `online/${path}`));
    expect(pathsOf(target("own"), "target/").filter((name) => name.startsWith("heads/predictor"))).toEqual([]);
  });

  it("has linear layers with offset, norm, ReLU, and without offset, and no predictor where it is switched off", () => {
    const heads = (predictor: boolean) =>
      pathsOf(start(trainingStep({ encoder, method: byol({ hidden: 8, out: 6, predictor }), optimizer }) as never), "online/heads/");
    const head = ["fc1/w", "fc1/b", "bn1/scale", "bn1/shift", "fc2/w"];
    expect(heads(true)).toEqual([...head.map((name) => `projector/${name}`), ...head.map((name) => `predictor/${name}`)]);
    expect(heads(false)).toEqual(head.map((name) => `projector/${name}`));
  });

  it("does not read the momentum before its loss", () => {
    const step = trainingStep({ encoder, method: byol({ hidden: 8, out: 6 }), optimizer }) as never;
    expect(lossOf(step, start(step), 0)).toBe(lossOf(step, start(step), 1));
  });
});

describe("simclr", () => {
  it("asks for as many views as it is told, with a last norm that has a scale alone", () => {
    const method = simclr({ out: 6, views: 3, layers: 2 });
    expect(method.views(8)).toHaveLength(3);
    expect(Object.keys(method.encodings)).toEqual(["z1", "z2", "z3"]);
    const state = start(trainingStep({ encoder, method, optimizer }) as never);
    expect(pathsOf(state, "online/heads/projector/")).toEqual(["fc1/w", "bn1/scale", "bn1/shift", "fc2/w", "bn2/scale"]);
    expect(leafOf(state, "online/heads/projector/fc1/w").shape).toEqual([8, 8]);
    expect((state as { readonly target: unknown }).target).toBeNull();
  });

  it("refuses a single view", () => {
    expect(() => simclr({ views: 1 })).toThrow("simclr: views is 1, expected a whole number, at least 2");
  });
});
