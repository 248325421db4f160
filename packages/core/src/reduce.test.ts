import { at, drawn, fromIndex, operationChecks, type Slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import { max, mean, type ReduceOptions, ShapeError, sum, type Tensor } from "./index.ts";

const { checkOperation, gradientsOf, numbersOf } = operationChecks<Tensor>(core);
const cube = drawn([2, 3, 4], { seed: 1 });

/** Folds every number into the place of the result that it belongs to. */
const slowReduce = (x: Slow, axes: readonly number[], keepDims: boolean, fold: (values: readonly number[]) => number): Slow => {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const full = fromIndex(kept, (...index) => {
    const values: number[] = [];
    fromIndex(x.shape, (...place) => {
      if (place.every((position, axis) => axes.includes(axis) || position === index[axis])) values.push(at(x, ...place));
      return 0;
    });
    return fold(values);
  });
  return keepDims ? full : { shape: x.shape.filter((_, axis) => !axes.includes(axis)), data: full.data };
};

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const folds = [
  { name: "sum", f: sum, fold: total, gradient: undefined },
  { name: "mean", f: mean, fold: (values: readonly number[]) => total(values) / values.length, gradient: undefined },
  { name: "max", f: max, fold: (values: readonly number[]) => Math.max(...values), gradient: false as const },
];
const uses: readonly { options: ReduceOptions; axes: readonly number[] }[] = [
  { options: {}, axes: [0, 1, 2] },
  { options: { axes: [1] }, axes: [1] },
  { options: { axes: [-1] }, axes: [2] },
  { options: { axes: [2, 0] }, axes: [0, 2] },
  { options: { axes: [0], keepDims: true }, axes: [0] },
  { options: { keepDims: true }, axes: [0, 1, 2] },
  { options: { axes: [] }, axes: [] },
];

describe.each(folds)("$name", ({ name, f, fold, gradient }) => {
  test.each(uses)("of $options", ({ options, axes }) => {
    checkOperation({
      inputs: { x: cube },
      f: ({ x }) => f(x, options),
      slow: ({ x }) => slowReduce(x, axes, options.keepDims === true, fold),
      ...(gradient === undefined ? {} : { gradient }),
    });
  });

  test("refuses an axis that is not there", () => {
    const bad = (axis: number) => () => numbersOf(() => f(core.zeros([2, 3]), { axes: [axis] }));
    expect(bad(2)).toThrow(new ShapeError(`${name}: axis 2 is outside a tensor of rank 2`));
    expect(bad(-3)).toThrow(new ShapeError(`${name}: axis -3 is outside a tensor of rank 2`));
  });
});

test("max has gradient 0: a shift by it leaves the gradient of the rest whole", () => {
  const gradients = gradientsOf(
    ({ x }) => core.sub(x, max(x, { axes: [1], keepDims: true })),
    { x: drawn([2, 3], { seed: 2 }) },
    drawn([2, 3], { seed: 3 }),
  );
  expect(Array.from(gradients.x.data)).toEqual(Array.from(drawn([2, 3], { seed: 3 }).data));
});
