import {
  concat,
  constant,
  evaluate,
  type HostArray,
  type HostTree,
  l2Normalize,
  leaves,
  matMul,
  rngOf,
  type Scalar,
  slice,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { sinkhorn, swappedPrediction } from "@twinview/loss";
import { adamw, sgd, type Transform } from "@twinview/optim";
import { drawn, expectClose, lengthOf } from "@twinview/testkit";
import { vit } from "@twinview/vit";
import { describe, expect, it } from "vitest";
import { swav } from "./swav.ts";
import type { TrainingState } from "./training-state.ts";
import { type TrainingStep, trainingStep } from "./training-step.ts";

const smallest = { name: "smallest", dim: 8, depth: 1, heads: 2 };
const batch = 4;
const none = { count: 0, scale: [0.1, 0.2] } as const;

const stepOf = (optimizer: Transform<unknown, "lr" | "wd">) =>
  trainingStep({
    encoder: vit({ size: smallest, patch: 4, image: 8 }),
    method: swav({ hidden: 8, out: 6, prototypes: 5, small: none }),
    optimizer,
  });

const prototypesOf = (state: HostTree): HostArray => new Map(leaves<HostArray>(state)).get("online/heads/prototypes/w") as HostArray; // [6, 5]

const advance = (step: TrainingStep<string>, state: HostTree, hyper: Readonly<Record<string, number>>): HostTree =>
  evaluate(() => {
    const scalars = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, constant([value], []) as Scalar]));
    const views = [1, 2].map((seed) => constant(Array.from(drawn([batch, 8, 8, 3], { seed, low: 0, high: 255 }).data), [batch, 8, 8, 3]));
    return step.step({ state: toTensors(state) as unknown as TrainingState, views, hyper: scalars }).state as unknown as Tree<Tensor>;
  });

describe("swav", () => {
  it("keeps its prototypes at unit length from the start on", () => {
    const step = stepOf(sgd() as never);
    const start = evaluate(() => step.init(rngOf(1)) as unknown as Tree<Tensor>);
    const after = advance(step as never, start, { lr: 0.5, wd: 0.1, trainPrototypes: 1, useQueue: 0 });
    for (const { data } of [prototypesOf(start), prototypesOf(after)]) {
      for (let k = 0; k < 5; k++) expectClose(lengthOf([0, 1, 2, 3, 4, 5].map((i) => data[i * 5 + k] as number)), 1, { absolute: 1e-6 });
    }
    expect(prototypesOf(after)).not.toEqual(prototypesOf(start));
  });

  for (const [name, optimizer] of [
    ["adamw", adamw()],
    ["sgd", sgd()],
  ] as const) {
    it(`holds its prototypes still under ${name} with weight decay while trainPrototypes is 0, and moves the rest`, () => {
      const step = stepOf(optimizer as never);
      const start = evaluate(() => step.init(rngOf(1)) as unknown as Tree<Tensor>);
      let state = start;
      for (let i = 0; i < 3; i++) state = advance(step as never, state, { lr: 0.1, wd: 0.1, trainPrototypes: 0, useQueue: 0 });
      expectClose(prototypesOf(state), prototypesOf(start), { absolute: 1e-6 }); // renewed scaling to length 1 rounds
      const moved = new Map(leaves<HostArray>(state)).get("online/heads/projector/fc2/w");
      expect(moved).not.toEqual(new Map(leaves<HostArray>(start)).get("online/heads/projector/fc2/w"));
    });
  }

  /** The loss with heads that do nothing but scale and score, for features given. */
  const lossOf = (args: { readonly queue: number; readonly pushed: number; readonly useQueue: number }) => {
    const method = swav({ out: 3, prototypes: 4, queue: args.queue, small: { count: 1, scale: [0.1, 0.2], size: 4 } });
    const tensor = (shape: readonly number[], seed: number) => constant(Array.from(drawn(shape, { seed }).data), shape);
    const features = { crop1: tensor([batch, 3], 1), crop2: tensor([batch, 3], 2), crop3: tensor([batch, 3], 3) };
    const w = tensor([3, 4], 4);
    const past = [l2Normalize(tensor([args.queue, 3], 5)), l2Normalize(tensor([args.queue, 3], 6))] as const;
    const { loss, carried } = method.loss({
      features,
      heads: { projector: (x) => x, prototypes: (x) => matMul(x, w) },
      target: {},
      carried: { crops: { crop0: past[0], crop1: past[1] }, pushed: constant([args.pushed], []) },
      ctx: { train: true, hyper: { useQueue: constant([args.useQueue], []), trainPrototypes: constant([1], []) } },
    });
    const z = Object.values(features).map((x) => l2Normalize(x));
    const scores = z.map((x) => matMul(x, w));
    const codes = (withQueue: boolean): readonly Tensor[] =>
      [0, 1].map((a) => {
        const own = scores[a] as Tensor;
        if (!withQueue) return sinkhorn(own, { epsilon: 0.05 });
        const all = sinkhorn(concat([matMul(past[a] as Tensor, w), own], 0), { epsilon: 0.05 });
        return slice(all, { axis: 0, start: args.queue, length: batch });
      });
    const expected = (withQueue: boolean) => swappedPrediction({ scores, codes: codes(withQueue), tau: 0.1 });
    return { loss, carried, z, withQueue: expected(true), alone: expected(false) };
  };
  const numbers = (args: Parameters<typeof lossOf>[0]) =>
    evaluate(() => {
      const { loss, carried, z, withQueue, alone } = lossOf(args);
      return { loss, withQueue, alone, crop0: carried?.crops.crop0 as Tensor, z0: z[0] as Tensor };
    }) as Readonly<Record<string, HostArray>>;

  it("balances its codes over the queue once that is full and on, and over the batch alone before", () => {
    const full = numbers({ queue: 8, pushed: 8, useQueue: 1 });
    expectClose(full.loss as HostArray, full.withQueue as HostArray, { relative: 2e-6 });
    for (const [pushed, useQueue] of [
      [4, 1],
      [8, 0],
    ] as const) {
      const early = numbers({ queue: 8, pushed, useQueue });
      expectClose(early.loss as HostArray, early.alone as HostArray, { relative: 2e-6 });
    }
    expect(Math.abs((full.withQueue?.data[0] as number) - (full.alone?.data[0] as number))).toBeGreaterThan(1e-3);
  });

  it("pushes the embeddings of each large crop", () => {
    const { crop0, z0 } = numbers({ queue: 8, pushed: 0, useQueue: 1 });
    expect(Array.from(crop0?.data as Float32Array).slice(0, 12)).toEqual(Array.from(z0?.data as Float32Array));
  });

  it("has two large crops and six small ones of 96 pixels at 224, as published", () => {
    expect(
      swav()
        .views(224)
        .map(({ size }) => size),
    ).toEqual([224, 224, 96, 96, 96, 96, 96, 96]);
    expect(
      swav()
        .views(224)
        .map(({ scale }) => scale[0]),
    ).toEqual([0.14, 0.14, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]);
  });

  it("refuses too few prototypes or crops, and a queue that is no number of rows", () => {
    expect(() => swav({ prototypes: 1 }).heads(8)).toThrow("prototypes: count is 1, expected at least two prototypes");
    expect(() => swav({ large: { count: 1, scale: [0.1, 1] }, small: none })).toThrow(
      "swav: crops is 1, expected at least one large crop and two crops in all",
    );
    expect(() => swav({ queue: -1 })).toThrow("swav: queue is -1, expected a whole number of rows, at least 0");
    expect(() => lossOf({ queue: 6, pushed: 0, useQueue: 1 })).toThrow("swav: queue is 6, expected a multiple of the batch, 4");
  });

  it("asks for the scalars it reads", () => {
    const step = stepOf(sgd() as never);
    expect([...step.hyper].sort()).toEqual(["lr", "trainPrototypes", "useQueue", "wd"]);
    const typed: TrainingStep<"lr" | "wd" | "trainPrototypes" | "useQueue"> = step;
    // @ts-expect-error: without the scalars of the method the step cannot be fed
    const untyped: TrainingStep<"lr" | "wd"> = step;
    expect(untyped).toBe(typed);
  });
});
