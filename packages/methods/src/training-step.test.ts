import {
  add,
  constant,
  type Encoder,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  leaves,
  mean,
  mul,
  ones,
  reshape,
  rngOf,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { adamw, sgd } from "@twinview/optim";
import { expectClose } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { defineMethod, online, type TrainingState, target, trainingStep } from "./index.ts";

/** One parameter: features are the mean pixel times `factor`, which is 2 at the start. */
const encoder: Encoder<{ readonly factor: Tensor; readonly fixed: Tensor }, null> = {
  name: "factor",
  dim: 1,
  frozen: (path) => path === "fixed",
  init: () => ({ params: { factor: constant([2], [1]), fixed: constant([1], [1]) }, state: null }),
  apply: ({ params }, x) => ({
    out: mul(mul(reshape(mean(x, { axes: [1, 2, 3] }), [x.shape[0] as number, 1]), params.factor), params.fixed),
    state: null,
  }),
};

/** A head that multiplies, by 3 at the start. */
const scale = { init: () => ({ by: constant([3], [1]) }), apply: ({ by }: { readonly by: Tensor }, x: Tensor) => mul(x, by) };
const plainPixels = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] } as const; // pixels as they are

const distance = defineMethod({
  name: "distance",
  views: () => [],
  encodings: { q: online(0), k: target(0) },
  heads: () => ({ projector: scale, predictor: scale }),
  targetHeads: ["projector"],
  hyper: ["weight"],
  carry: () => ({ seen: ones([1]) }),
  loss: ({ features: { q, k }, heads, target: keys, carried, ctx }) => ({
    loss: mul(sum(square(sub(heads.predictor(heads.projector(q)), keys.projector(k)))), ctx.hyper.weight),
    carried: { seen: add(carried.seen, 1) },
    metrics: { key: sum(keys.projector(k)) },
  }),
  project: ({ projector, predictor }) => ({ projector, predictor: { by: mul(predictor.by, 10) } }),
});

const step = trainingStep({ encoder, method: distance, optimizer: sgd({ momentum: 0 }), pixels: plainPixels });
const start = evaluate(() => step.init(rngOf(1)) as unknown as Tree<Tensor>);

const run = (
  state: HostTree,
  hyper: Readonly<Record<string, number>>,
  by: typeof step = step,
): { readonly state: Readonly<Record<string, HostArray>>; readonly metrics: Readonly<Record<string, HostArray>> } => {
  const out = evaluate(() => {
    const scalars = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, constant([value], []) as Scalar]));
    const after = by.step({
      state: toTensors(state) as unknown as TrainingState,
      views: [mul(ones([1, 2, 2, 3]), 5)],
      hyper: scalars as never,
    });
    return after as unknown as Tree<Tensor>;
  }) as unknown as { state: HostTree; metrics: Readonly<Record<string, HostArray>> };
  return { state: Object.fromEntries(leaves<HostArray>(out.state)), metrics: out.metrics };
};

/** The start with the predictor back at 3 and a target of its own: encoder 4, projector 5. */
const apart = {
  ...(start as object),
  online: {
    encoder: { factor: hostArray([2], [1]), fixed: hostArray([1], [1]) },
    heads: { projector: { by: hostArray([3], [1]) }, predictor: { by: hostArray([3], [1]) } },
  },
  target: {
    encoder: { factor: hostArray([4], [1]), fixed: hostArray([1], [1]) },
    heads: { projector: { by: hostArray([5], [1]) }, predictor: {} },
  },
} as HostTree;

describe("trainingStep", () => {
  test("starts with projected heads, and the target as a copy of the online encoder and of the target heads only", () => {
    expect(leaves<HostArray>(start).map(([path, { data }]) => [path, ...data])).toEqual([
      ["online/encoder/factor", 2],
      ["online/encoder/fixed", 1],
      ["online/heads/projector/by", 3],
      ["online/heads/predictor/by", 30],
      ["target/encoder/factor", 2],
      ["target/encoder/fixed", 1],
      ["target/heads/projector/by", 3],
      ["optimizer/momentum/velocity/encoder/factor", 0],
      ["optimizer/momentum/velocity/heads/projector/by", 0],
      ["optimizer/momentum/velocity/heads/predictor/by", 0],
      ["carried/seen", 1],
    ]);
  });

  test("by hand: average, keys, loss, gradient, update, projection", () => {
    const { state, metrics } = run(apart, { lr: 1e-4, wd: 0, momentum: 0.75, weight: 0.5 });
    // average first: encoder .75 * 4 + .25 * 2 = 3.5, projector .75 * 5 + .25 * 3 = 4.5; the key of pixel 5 is 5 * 3.5 * 4.5
    expectClose((metrics.key as HostArray).data, [78.75], { relative: 1e-6 });
    // query 5 * 2 * 3 * 3 = 90, difference 11.25, loss .5 * 11.25^2
    expectClose((metrics.loss as HostArray).data, [63.28125], { relative: 1e-6 });
    // d loss / d query = 11.25; d query / d factor = 45, by projector 30, by predictor 30
    expectClose((metrics["gradientNorm/encoder/factor"] as HostArray).data, [506.25], { relative: 1e-6 });
    expectClose((metrics["gradientNorm/heads/projector/by"] as HostArray).data, [337.5], { relative: 1e-6 });
    expectClose((state["online/encoder/factor"] as HostArray).data, [2 - 0.050625], { relative: 1e-6 });
    expectClose((state["online/heads/projector/by"] as HostArray).data, [3 - 0.03375], { relative: 1e-6 });
    expectClose((state["online/heads/predictor/by"] as HostArray).data, [10 * (3 - 0.03375)], { relative: 1e-6 });
    expectClose((state["target/encoder/factor"] as HostArray).data, [3.5], { relative: 1e-6 });
    expectClose((state["target/heads/projector/by"] as HostArray).data, [4.5], { relative: 1e-6 });
    expect(state["carried/seen"]?.data).toEqual(Float32Array.of(2));
  });

  test("by hand: an average after the update, and a gate on a head's gradient", () => {
    const late = trainingStep({
      encoder,
      method: { ...distance, gates: { predictor: "weight" }, targetMoves: "after-update" },
      optimizer: sgd({ momentum: 0 }),
      pixels: plainPixels,
    });
    const { state, metrics } = run(apart, { lr: 1e-4, wd: 0, momentum: 0.75, weight: 0.5 }, late);
    // the key is that of the target as it was, 5 * 4 * 5 = 100; query 90, loss .5 * 10^2, d loss / d query -10
    expectClose((metrics.key as HostArray).data, [100], { relative: 1e-6 });
    expectClose((metrics.loss as HostArray).data, [50], { relative: 1e-6 });
    expectClose((metrics["gradientNorm/heads/projector/by"] as HostArray).data, [300], { relative: 1e-6 });
    expectClose((metrics["gradientNorm/heads/predictor/by"] as HostArray).data, [150], { relative: 1e-6 }); // 300 through the gate
    expectClose((state["online/heads/predictor/by"] as HostArray).data, [10 * (3 + 0.015)], { relative: 1e-6 });
    expectClose((state["online/encoder/factor"] as HostArray).data, [2 + 0.045], { relative: 1e-6 });
    expectClose((state["target/encoder/factor"] as HostArray).data, [0.75 * 4 + 0.25 * 2.045], { relative: 1e-6 });
    expectClose((state["target/heads/projector/by"] as HostArray).data, [0.75 * 5 + 0.25 * 3.03], { relative: 1e-6 });
  });

  test("leaves what the encoder calls frozen without gradient, decay and optimizer state", () => {
    expect(step.trainable("encoder/factor")).toBe(true);
    expect(step.trainable("encoder/fixed")).toBe(false);
    expect(step.trainable("heads/projector/by")).toBe(true);
    const { state, metrics } = run(apart, { lr: 0.1, wd: 0.5, momentum: 0.75, weight: 1 });
    expect(state["online/encoder/fixed"]).toEqual(hostArray([1], [1]));
    expect(Object.keys(metrics).sort()).toEqual([
      "alignment",
      "effectiveRank",
      "embeddingStd",
      "gradientNorm/encoder/factor",
      "gradientNorm/heads/predictor/by",
      "gradientNorm/heads/projector/by",
      "key",
      "loss",
      "uniformity",
    ]);
    const withAdam = trainingStep({ encoder, method: distance, optimizer: adamw(), pixels: plainPixels });
    const paths = leaves<HostArray>(evaluate(() => withAdam.init(rngOf(1)).optimizer as Tree<Tensor>)).map(([path]) => path);
    expect(paths.filter((path) => path.startsWith("adam/mu"))).toEqual([
      "adam/mu/encoder/factor",
      "adam/mu/heads/projector/by",
      "adam/mu/heads/predictor/by",
    ]);
  });

  test("asks for the scalars of optimizer, loss and moving average, and for no momentum without a target", () => {
    expect([...step.hyper].sort()).toEqual(["lr", "momentum", "wd", "weight"]);
    const alone = trainingStep({
      encoder,
      method: defineMethod({
        name: "alone",
        views: () => [],
        encodings: { q: online(0) },
        heads: () => ({}),
        loss: ({ features: { q } }) => ({ loss: sum(q) }),
      }),
      optimizer: sgd(),
    });
    const names: readonly ("lr" | "wd")[] = alone.hyper;
    expect([...names].sort()).toEqual(["lr", "wd"]);
    expect(evaluate(() => alone.init(rngOf(1)) as unknown as Tree<Tensor>)).toMatchObject({ target: null, carried: null });
    // @ts-expect-error a step without target encodings has no scalar named momentum
    const wrong: readonly "momentum"[] = alone.hyper;
    expect(wrong).toBe(names);
  });

  test("types: a loss sees its own heads, views and scalars, and no others", () => {
    const method = defineMethod({
      name: "typed",
      views: () => [],
      encodings: { q: online(0), k: target(1) },
      heads: () => ({ projector: scale, predictor: scale }),
      targetHeads: ["projector"],
      hyper: ["weight"],
      loss: ({ features, heads, target: keys, ctx }) => {
        expect(() => {
          // @ts-expect-error there is no encoding named q1
          mul(features.q1, 1);
          // @ts-expect-error there is no head named projektor
          heads.projektor(features.q);
          // @ts-expect-error the target has no predictor
          keys.predictor(features.k);
          // @ts-expect-error tau has no schedule: it is not among the method's scalars
          mul(ctx.hyper.tau, 1);
        }).toThrow();
        return { loss: sum(mul(heads.predictor(features.q), ctx.hyper.weight)) };
      },
    });
    defineMethod({
      ...method,
      // @ts-expect-error there is no head to average named encoder
      targetHeads: ["encoder"],
    });
    const typed = trainingStep({ encoder, method, optimizer: sgd({ momentum: 0 }) });
    const out = evaluate(() => {
      const scalar = (value: number): Scalar => constant([value], []);
      const pixels = ones([1, 2, 2, 3]);
      const hyper = { lr: scalar(0), wd: scalar(0), momentum: scalar(1), weight: scalar(1) };
      return { loss: typed.step({ state: typed.init(rngOf(1)), views: [pixels, pixels], hyper }).metrics.loss as Tensor };
    });
    expect(leaves<HostArray>(out)).toHaveLength(1);
    expect(() => {
      // @ts-expect-error momentum is missing
      typed.step({ state: typed.init(rngOf(1)), views: [], hyper: { lr: ones([]), wd: ones([]), weight: ones([]) } });
    }).toThrow();
  });
});
