import * as core from "@twinview/core";
import { add, constant, type Encoder, evaluate, hostArray, mean, mul, reshape, rngOf, type Tensor, type Tree } from "@twinview/core";
import { at, drawn, expectClose, fromIndex, operationChecks } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { encodeViews } from "./encode.ts";
import { features, imagenetPixels, normalizePixels, online, target } from "./index.ts";

const { checkOperation, numbersOf } = operationChecks<Tensor>(core);
const row = (values: readonly number[]): Tensor => constant(values, [values.length]);

describe("normalizePixels", () => {
  test("is (x / 255 - mean) / deviation for each channel", () => {
    const stats = { mean: [0.1, 0.5, 0.9], deviation: [0.2, 0.25, 0.5] } as const;
    checkOperation({
      inputs: { x: drawn([2, 3, 3, 3], { seed: 1, low: 0, high: 255 }) },
      f: ({ x }) => normalizePixels(x, stats, row),
      slow: ({ x }) =>
        fromIndex([2, 3, 3, 3], (...index) => {
          const channel = index[3] as 0 | 1 | 2;
          return (at(x, ...index) / 255 - stats.mean[channel]) / stats.deviation[channel];
        }),
    });
  });

  test("takes ImageNet's statistics to zero mean and unit deviation", () => {
    const { mean, deviation } = imagenetPixels;
    const pixels = [...mean, ...mean.map((m, i) => m + (deviation[i] as number))].map((x) => 255 * x);
    expectClose(numbersOf(() => normalizePixels(constant(pixels, [2, 3]), imagenetPixels, row)).data, [0, 0, 0, 1, 1, 1], {
      absolute: 1e-6,
    });
  });
});

/** Features: the mean pixel of each channel, plus one in training. Counts how many images it is given at a time. */
const counting = (calls: number[]): Encoder<null, null> => ({
  name: "counting",
  dim: 3,
  frozen: () => false,
  init: () => ({ params: null, state: null }),
  apply: (_, x, { train }) => {
    calls.push(x.shape[0] as number);
    return { out: add(mean(x, { axes: [1, 2] }), train ? 1 : 0), state: null };
  },
});

/** Views of four images, 2 and 3 pixels wide, of one colour each: image i of view v has colour 10 v + i. */
const colours = (sides: readonly number[]): readonly Tensor[] =>
  sides.map((side, view) => {
    const column = constant(
      [0, 1, 2, 3].map((i) => 10 * view + i),
      [4, 1],
    );
    return reshape(mul(column, core.ones([1, side * side * 3])), [4, side, side, 3]);
  });

const encoded = (options: {
  sides: readonly number[];
  encodings: Parameters<typeof encodeViews>[0]["encodings"];
  which?: "online" | "target";
  chunk?: number;
}) => {
  const calls: number[] = [];
  const out = evaluate(
    () =>
      encodeViews({
        which: options.which ?? "online",
        encodings: options.encodings,
        encoder: counting(calls),
        vars: { params: null, state: null },
        views: colours(options.sides),
        ctx: { train: true, hyper: {} },
        chunk: options.chunk ?? Number.POSITIVE_INFINITY,
        joinsViews: false,
      }).features as Tree<Tensor>,
  );
  return { calls, out };
};
/** What the encoder makes of view v: colour plus one, three times, for each image. */
const expected = (view: number) =>
  hostArray(
    [0, 1, 2, 3].flatMap((i) => new Array(3).fill(10 * view + i + 1)),
    [4, 3],
  );

describe("encodeViews", () => {
  test("gives each encoding its own view, views of one size in one batch", () => {
    const { calls, out } = encoded({ sides: [2, 2, 3], encodings: { a: online(0), b: online(1), small: online(2) } });
    expect(out).toEqual({ a: expected(0), b: expected(1), small: expected(2) });
    expect(calls).toEqual([8, 4]);
  });

  test("encodes a view that is asked for twice once", () => {
    const { calls, out } = encoded({ sides: [2, 2], encodings: { a: online(1), b: online(1) } });
    expect(out).toEqual({ a: expected(1), b: expected(1) });
    expect(calls).toEqual([4]);
  });

  test("leaves the other network's encodings alone", () => {
    const encodings = { q: online(0), k: target(1) };
    expect(encoded({ sides: [2, 2], encodings }).out).toEqual({ q: expected(0) });
    expect(encoded({ sides: [2, 2], encodings, which: "target" }).out).toEqual({ k: expected(1) });
  });

  test.each([1, 3, 8, 100])("gives the same in chunks of %i", (chunk) => {
    const { calls, out } = encoded({ sides: [2, 2], encodings: { a: online(0), b: online(1) }, chunk });
    expect(out).toEqual({ a: expected(0), b: expected(1) });
    expect(Math.max(...calls)).toBeLessThanOrEqual(chunk);
    expect(calls.reduce((a, b) => a + b, 0)).toBe(8);
  });
});

test("features are those of evaluation, of normalised pixels", () => {
  const out = numbersOf(() => features(counting([]), counting([]).init(rngOf(1)), mul(core.ones([2, 2, 2, 3]), 255)));
  const white = imagenetPixels.mean.map((m, i) => (1 - m) / (imagenetPixels.deviation[i] as number));
  expectClose(out, { shape: [2, 3], data: [...white, ...white] }, { absolute: 2e-6 }); // without the 1 of training
});
