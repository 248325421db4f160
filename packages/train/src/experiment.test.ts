import {
  add,
  type Encoder,
  evaluate,
  type HostArray,
  hostArray,
  leaves,
  mean,
  mul,
  ones,
  reshape,
  rngOf,
  sum,
  type Tensor,
  type Tree,
} from "@twinview/core";
import { defineMethod, mocoV3, online } from "@twinview/methods";
import { adamw, chain, constant, cosine, scaleBy, sgd } from "@twinview/optim";
import { describe, expect, test } from "vitest";
import { experiment } from "./experiment.ts";

const encoder: Encoder<{ readonly factor: Tensor }, null> = {
  name: "factor",
  dim: 3,
  frozen: () => false,
  init: () => ({ params: { factor: ones([3]) }, state: null }),
  apply: ({ params }, x) => ({ out: mul(reshape(mean(x, { axes: [1, 2] }), [x.shape[0] as number, 3]), params.factor), state: null }),
};
const plan = { seed: 1, image: 8, batch: 4, steps: 10 };
const rate = cosine({ from: 0.1, to: 0, steps: 10 });
const moco = mocoV3({ hidden: 4, out: 3 });

/** A loss without a target that reads two scalars of its own. */
const scheduled = defineMethod({
  name: "scheduled",
  views: () => [],
  encodings: { q: online(0) },
  heads: () => ({}),
  hyper: ["tau", "weight"],
  loss: ({ features: { q }, ctx }) => ({ loss: mul(sum(q), add(ctx.hyper.tau, ctx.hyper.weight)) }),
});
const alone = defineMethod({
  name: "alone",
  views: () => [],
  encodings: { q: online(0) },
  heads: () => ({}),
  loss: ({ features: { q } }) => ({ loss: sum(q) }),
});

describe("experiment", () => {
  test("composes its parts, and its step asks for the schedules it was given", () => {
    const made = experiment({
      ...plan,
      encoder,
      method: moco,
      optimizer: adamw(),
      schedules: { lr: rate, wd: constant(0.1), momentum: constant(0.99) },
    });
    expect([made.method, made.hasTarget, made.views.length, made.seed, made.image, made.batch, made.steps]).toEqual([
      "moco-v3",
      true,
      2,
      1,
      8,
      4,
      10,
    ]);
    expect([...made.step.hyper].sort()).toEqual(Object.keys(made.schedules).sort());
    const state = evaluate(() => made.step.init(rngOf(made.seed)) as unknown as Tree<Tensor>);
    expect(leaves<HostArray>(state)[0]).toEqual(["online/encoder/factor", hostArray([1, 1, 1], [3])]);
  });

  test("has no target where no encoding asks for one", () => {
    expect(experiment({ ...plan, encoder, method: alone, optimizer: sgd(), schedules: { lr: rate, wd: constant(0) } }).hasTarget).toBe(
      false,
    );
  });

  test("asks for the schedules of a loss with scalars of its own", () => {
    const made = experiment({
      ...plan,
      encoder,
      method: scheduled,
      optimizer: sgd(),
      schedules: { lr: rate, wd: constant(0), tau: constant(0.2), weight: constant(1) },
    });
    expect([...made.step.hyper].sort()).toEqual(["lr", "tau", "wd", "weight"]);
  });
});

// Each of these is a mistake that the compiler has to find; `tsc -b` fails when one of them compiles. Nothing of it runs.
export const mistakes = () => [
  // @ts-expect-error a method with target encodings asks for a momentum
  experiment({ ...plan, encoder, method: moco, optimizer: adamw(), schedules: { lr: rate, wd: constant(0.1) } }),
  // @ts-expect-error the optimizer's learning rate is missing
  experiment({ ...plan, encoder, method: alone, optimizer: sgd(), schedules: { wd: constant(0) } }),
  // @ts-expect-error the loss reads weight too
  experiment({ ...plan, encoder, method: scheduled, optimizer: sgd(), schedules: { lr: rate, wd: constant(0), tau: constant(0.2) } }),
  experiment({
    ...plan,
    encoder,
    method: moco,
    optimizer: adamw(),
    // @ts-expect-error momentun is misspelt
    schedules: { lr: rate, wd: constant(0.1), momentun: constant(0.99) },
  }),
  experiment({
    ...plan,
    encoder,
    method: alone,
    optimizer: sgd(),
    // @ts-expect-error nothing reads a momentum where there is no target
    schedules: { lr: rate, wd: constant(0), momentum: constant(0.99) },
  }),
  experiment({
    ...plan,
    encoder,
    method: alone,
    optimizer: chain({ lr: scaleBy("lr", { sign: -1 }) }),
    // @ts-expect-error an optimizer without decay reads no wd
    schedules: { lr: rate, wd: constant(0) },
  }),
  experiment({
    ...plan,
    encoder,
    method: alone,
    optimizer: sgd(),
    // @ts-expect-error a schedule is a function of the step, not a number
    schedules: { lr: 0.1, wd: constant(0) },
  }),
  // @ts-expect-error the number of steps is missing
  experiment({ seed: 1, image: 8, batch: 4, encoder, method: alone, optimizer: sgd(), schedules: { lr: rate, wd: constant(0) } }),
];
