import * as core from "@twinview/core";
import { evaluate, type HostArray, hostArray, rngOf, type Tensor, type Tree } from "@twinview/core";
import { at, drawn, expectClose, fromIndex, operationChecks, rowOf, type Slow, slowBatchNormalize, slowTranspose } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { type BatchNormOptions, batchNorm } from "./index.ts";

const { checkOperation } = operationChecks<Tensor>(core);
const ctx = (train: boolean) => ({ train, hyper: {} });
const tensor = (x: Slow): Tensor => core.constant(Array.from(x.data), x.shape);
const batches = [1, 2, 3].map((seed) => drawn([6, 4], { seed, low: -1, high: 3 }));
const [scale, shift] = [drawn([4], { seed: 4 }), drawn([4], { seed: 5 })];

/** Running mean and variance by torch's rule, column by column: biased inside, unbiased in the running one. */
const slowRunning = (xs: readonly Slow[], momentum: number): { readonly mean: number[]; readonly variance: number[] } =>
  xs.reduce(
    ({ mean, variance }, x) => {
      const columns = Array.from({ length: 4 }, (_, j) => rowOf(slowTranspose(x), j));
      const means = columns.map((column) => column.reduce((a, b) => a + b, 0) / column.length);
      const unbiased = columns.map(
        (column, j) => column.reduce((total, v) => total + (v - (means[j] as number)) ** 2, 0) / (column.length - 1),
      );
      const mix = (old: number[], now: number[]): number[] => old.map((o, j) => (1 - momentum) * o + momentum * (now[j] as number));
      return { mean: mix(mean, means), variance: mix(variance, unbiased) };
    },
    { mean: [0, 0, 0, 0], variance: [1, 1, 1, 1] },
  );

interface Ran {
  readonly out: HostArray;
  readonly state: { readonly mean: HostArray; readonly variance: HostArray };
}

/** Trains on some batches, then applies once more. */
const ran = (options: Omit<BatchNormOptions, "dim">, train: readonly Slow[], last: Slow, lastTrain: boolean): Ran =>
  evaluate(() => {
    const module = batchNorm({ dim: 4, ...options });
    let { state } = module.init(rngOf(1));
    const params = options.affine === false ? {} : { scale: tensor(scale), shift: tensor(shift) };
    for (const x of train) state = module.apply({ params, state }, tensor(x), ctx(true)).state;
    return module.apply({ params, state }, tensor(last), ctx(lastTrain)) as unknown as Tree<Tensor>;
  }) as unknown as Ran;

const affine = (x: Slow): Slow => fromIndex(x.shape, (i = 0, j = 0) => at(x, i, j) * at(scale, j) + at(shift, j));

describe("batchNorm", () => {
  test("in training uses the batch's own statistics, whatever the running ones are", () => {
    const last = batches[2] as Slow;
    for (const seen of [[], batches.slice(0, 2)])
      expectClose(ran({}, seen, last, true).out, affine(slowBatchNormalize(last, 1e-5)), { absolute: 2e-6 });
    expectClose(ran({ affine: false, epsilon: 0.1 }, [], last, true).out, slowBatchNormalize(last, 0.1), { absolute: 2e-6 });
  });

  test.each([0.1, 0.5])("collects running statistics as torch does, momentum %f", (momentum) => {
    const { state } = ran({ momentum }, batches.slice(0, 2), batches[2] as Slow, true);
    const expected = slowRunning(batches, momentum);
    expectClose(state.mean.data, expected.mean, { name: "mean", absolute: 1e-6 });
    expectClose(state.variance.data, expected.variance, { name: "variance", absolute: 2e-6 });
  });

  test("in evaluation uses the running statistics and leaves them alone", () => {
    const { mean, variance } = slowRunning(batches, 0.1);
    const x = drawn([3, 4], { seed: 8 });
    const { out, state } = ran({}, batches, x, false);
    expectClose(
      out,
      affine(fromIndex([3, 4], (i = 0, j = 0) => (at(x, i, j) - (mean[j] as number)) / Math.sqrt((variance[j] as number) + 1e-5))),
      {
        absolute: 2e-6,
      },
    );
    expectClose(state.mean.data, mean, { absolute: 1e-6 });
    const alone = ran({}, batches, { shape: [1, 4], data: x.data.slice(0, 4) }, false).out;
    expect(Array.from(alone.data)).toEqual(Array.from(out.data).slice(0, 4)); // other images have no say
  });

  test("starts at mean 0, variance 1, scale 1, shift 0; without the latter two where they are not wanted", () => {
    const start = evaluate(() => batchNorm({ dim: 2 }).init(rngOf(1)) as unknown as Tree<Tensor>);
    const [zero, one] = [hostArray([0, 0], [2]), hostArray([1, 1], [2])];
    expect(start).toEqual({ params: { scale: one, shift: zero }, state: { mean: zero, variance: one } });
    expect(evaluate(() => batchNorm({ dim: 2, affine: false }).init(rngOf(1)).params as Tree<Tensor>)).toEqual({});
  });

  test("has the gradients of its slow twin", () => {
    const module = batchNorm({ dim: 4 });
    checkOperation({
      inputs: { x: batches[0] as Slow, scale, shift },
      f: ({ x, scale, shift }) => module.apply({ params: { scale, shift }, state: module.init(rngOf(1)).state }, x, ctx(true)).out,
      slow: ({ x, scale, shift }) => {
        const normal = slowBatchNormalize(x, 1e-5);
        return fromIndex(x.shape, (i = 0, j = 0) => at(normal, i, j) * at(scale, j) + at(shift, j));
      },
    });
  });
});
