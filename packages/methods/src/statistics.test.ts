import {
  type Encoder,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  mean,
  mul,
  ones,
  rngOf,
  sum,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { batchNorm } from "@twinview/nn";
import { sgd } from "@twinview/optim";
import { describe, expect, it } from "vitest";
import { features } from "./features.ts";
import { defineMethod, online, target } from "./method.ts";
import { trainingStep } from "./training-step.ts";

/** Features: the mean pixel of each channel times a factor, batch-normalised without scale and shift. */
const encoder = (mixesImages: boolean): Encoder<{ readonly factor: Tensor }, { readonly mean: Tensor; readonly variance: Tensor }> => {
  const norm = batchNorm({ dim: 3, affine: false });
  return {
    name: "means",
    dim: 3,
    mixesImages,
    frozen: () => false,
    init: (rng) => ({ params: { factor: ones([3]) }, state: norm.init(rng).state }),
    apply: ({ params, state }, x, ctx) => norm.apply({ params: {}, state }, mul(mean(x, { axes: [1, 2] }), params.factor), ctx),
  };
};

const method = (joinsViews: boolean) =>
  defineMethod({
    name: "sums",
    views: () => [],
    encodings: { q1: online(0), q2: online(1), k2: target(1) },
    joinsViews,
    heads: () => ({}),
    loss: ({ features: f }) => ({ loss: sum(mul(f.q1, f.q2)), metrics: { first: sum(mul(f.q1, f.k2)) } }),
  });

const images = 6;
/** Pixels of image i of a view, constant over its 2 x 2 pixels, so that the mean over them is the pixel. */
const pixel = (view: number, image: number, channel: number): number => (view * 97 + image * image * 13 + channel * 51) % 200;
const viewOf = (view: number): HostArray =>
  hostArray(
    Array.from({ length: images * 4 * 3 }, (_, i) => pixel(view, Math.floor(i / 12), i % 3)),
    [images, 2, 2, 3],
  );

const pixels = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] } as const; // leaves pixels as they are

/** One step by the library: the state after it, as numbers. */
const stepped = (options: {
  readonly mixes: boolean;
  readonly joins: boolean;
  readonly chunk?: number;
  readonly statisticsChunk?: number;
}) => {
  const { mixes, joins, ...chunks } = options;
  const step = trainingStep({ encoder: encoder(mixes), method: method(joins), optimizer: sgd(), pixels, ...chunks });
  return evaluate(() => {
    const views = [0, 1].map((view) => toTensors(viewOf(view)) as Tensor);
    const hyper = Object.fromEntries(step.hyper.map((name) => [name, toTensors(hostArray([0.5], [])) as Tensor]));
    return step.step({ state: step.init(rngOf(0)), views, hyper: hyper as never }).state as unknown as Tree<Tensor>;
  }) as unknown as { readonly statistics: Record<"online" | "target", { readonly mean: HostArray; readonly variance: HostArray }> };
};

/** Running statistics after batches of (view, image) pairs, by their definition. */
const running = (batches: readonly (readonly (readonly [number, number])[])[], channel: number) => {
  let [average, variance] = [0, 1];
  for (const batch of batches) {
    const values = batch.map(([view, image]) => pixel(view, image, channel));
    const centre = values.reduce((a, b) => a + b, 0) / values.length;
    const spread = values.reduce((a, b) => a + (b - centre) ** 2, 0) / (values.length - 1);
    average = 0.9 * average + 0.1 * centre;
    variance = 0.9 * variance + 0.1 * spread;
  }
  return { mean: average, variance };
};

const whole = (view: number): readonly (readonly [number, number])[] => Array.from({ length: images }, (_, i) => [view, i] as const);

const expectStatistics = (
  found: { readonly mean: HostArray; readonly variance: HostArray },
  batches: readonly (readonly (readonly [number, number])[])[],
) => {
  for (let channel = 0; channel < 3; channel++) {
    const expected = running(batches, channel);
    expect(found.mean.data[channel]).toBeCloseTo(expected.mean, 3);
    expect((found.variance.data[channel] as number) / expected.variance).toBeCloseTo(1, 5);
  }
};

describe("running statistics in a step", () => {
  it("each view is a batch of its own, and each network keeps statistics of what it saw", () => {
    const { statistics } = stepped({ mixes: true, joins: false, chunk: 2 });
    expectStatistics(statistics.online, [whole(0), whole(1)]);
    expectStatistics(statistics.target, [whole(1)]);
  });

  it("a method that joins views gives them one batch", () => {
    const { statistics } = stepped({ mixes: true, joins: true, chunk: 2 });
    expectStatistics(statistics.online, [[...whole(0), ...whole(1)]]);
  });

  it("statisticsChunk cuts a view into batches", () => {
    const { statistics } = stepped({ mixes: true, joins: false, statisticsChunk: 4 });
    expectStatistics(
      statistics.online,
      [0, 1].flatMap((view) => [whole(view).slice(0, 4), whole(view).slice(4)]),
    );
  });

  it("an encoder that does not say it mixes images is cut by chunk alone", () => {
    const { statistics } = stepped({ mixes: false, joins: false, chunk: 3, statisticsChunk: 2 });
    expectStatistics(
      statistics.online,
      [0, 1].flatMap((view) => [whole(view).slice(0, 3), whole(view).slice(3)]),
    );
  });

  it("features in evaluation use the running statistics they are given", () => {
    const state: HostTree = { mean: hostArray([10, 20, 30], [3]), variance: hostArray([4, 9, 16], [3]) };
    const out = evaluate(() => {
      const vars = { params: toTensors({ factor: hostArray([1, 1, 1], [3]) }), state: toTensors(state) };
      return features(encoder(true), vars, toTensors(viewOf(0)) as Tensor, { pixels });
    }) as HostArray;
    for (let image = 0; image < images; image++) {
      for (let channel = 0; channel < 3; channel++) {
        const expected = (pixel(0, image, channel) - [10, 20, 30][channel]!) / Math.sqrt([4, 9, 16][channel]! + 1e-5);
        expect(out.data[image * 3 + channel]).toBeCloseTo(expected, 3);
      }
    }
  });
});
