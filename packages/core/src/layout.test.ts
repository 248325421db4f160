import { at, drawn, fromIndex, operationChecks, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import { broadcastTo, concat, constant, ones, reshape, ShapeError, slice, type Tensor, transpose, zeros } from "./index.ts";

const { checkOperation, numbersOf } = operationChecks<Tensor>(core);
const cube = drawn([2, 3, 4], { seed: 1 });
const exact = { value: {} }; // numbers only move: they stay equal
const failing = (f: () => Tensor) => () => numbersOf(f);

test("reshape", () => {
  checkOperation({ inputs: { cube }, f: ({ cube }) => reshape(cube, [4, 6]), slow: ({ cube }) => slow(cube.data, [4, 6]), ...exact });
  expect(failing(() => reshape(zeros([2, 3]), [4]))).toThrow(new ShapeError("reshape: [2, 3] holds 6 numbers, [4] 4"));
});

describe("transpose", () => {
  test.each([[[2, 0, 1]], [[1, 0, 2]], [[0, 1, 2]], [[2, 1, 0]]])("to %j", (order) => {
    checkOperation({
      inputs: { cube },
      f: ({ cube }) => transpose(cube, order),
      slow: ({ cube }) =>
        fromIndex(
          order.map((axis) => cube.shape[axis] as number),
          (...index) => at(cube, ...[0, 1, 2].map((axis) => index[order.indexOf(axis)] as number)),
        ),
      ...exact,
    });
  });

  test.each([[[0, 1]], [[0, 1, 1]], [[1, 2, 3]]])("refuses %j", (order) => {
    expect(failing(() => transpose(zeros([2, 3, 4]), order))).toThrow(
      new ShapeError(`transpose: [${order.join(", ")}] is no order of the 3 axes of [2, 3, 4]`),
    );
  });
});

describe("slice", () => {
  test.each([
    { axis: 0, start: 1, length: 1 },
    { axis: 1, start: 0, length: 2 },
    { axis: 2, start: 1, length: 3 },
    { axis: 2, start: 0, length: 4 },
  ])("$axis from $start", ({ axis, start, length }) => {
    checkOperation({
      inputs: { cube },
      f: ({ cube }) => slice(cube, { axis, start, length }),
      slow: ({ cube }) =>
        fromIndex(
          cube.shape.map((whole, i) => (i === axis ? length : whole)),
          (...index) => at(cube, ...index.map((place, i) => (i === axis ? place + start : place))),
        ),
      ...exact,
    });
  });

  test("refuses what lies outside", () => {
    const out = (axis: number, start: number, length: number) => failing(() => slice(zeros([2, 3]), { axis, start, length }));
    expect(out(1, 2, 2)).toThrow(new ShapeError("slice: [2, 4) is outside axis 1 of [2, 3]"));
    expect(out(0, -1, 1)).toThrow(new ShapeError("slice: [-1, 0) is outside axis 0 of [2, 3]"));
    expect(out(2, 0, 1)).toThrow(new ShapeError("slice: [0, 1) is outside axis 2 of [2, 3]"));
  });
});

describe("concat", () => {
  test.each([0, 1, 2])("along axis %i", (axis) => {
    const other = drawn(
      [2, 3, 4].map((length, i) => (i === axis ? 2 : length)),
      { seed: 2 },
    );
    const first = cube.shape[axis] as number;
    checkOperation({
      inputs: { cube, other },
      f: ({ cube, other }) => concat([cube, other, cube], axis),
      slow: ({ cube, other }) =>
        fromIndex(
          cube.shape.map((length, i) => (i === axis ? 2 * length + 2 : length)),
          (...index) => {
            const place = index[axis] as number;
            const moved = (by: number): number[] => index.map((position, i) => (i === axis ? position - by : position));
            if (place < first) return at(cube, ...index);
            return place < first + 2 ? at(other, ...moved(first)) : at(cube, ...moved(first + 2));
          },
        ),
      ...exact,
    });
  });

  test("refuses parts that do not fit, and none at all", () => {
    expect(failing(() => concat([zeros([2, 3]), zeros([2, 4])], 0))).toThrow(
      new ShapeError("concat: [2, 4] does not fit [2, 3] beside axis 0"),
    );
    expect(failing(() => concat([zeros([2, 3]), zeros([3])], 0))).toThrow(new ShapeError("concat: [3] does not fit [2, 3] beside axis 0"));
    expect(failing(() => concat([], 0))).toThrow(new ShapeError("concat: no tensors"));
  });
});

describe("broadcastTo", () => {
  test.each([
    { from: [4], to: [2, 3, 4] },
    { from: [3, 1], to: [3, 4] },
    { from: [1, 3, 1], to: [2, 3, 4] },
    { from: [], to: [2, 2] },
    { from: [2, 3], to: [2, 3] },
  ])("$from to $to", ({ from, to }) => {
    checkOperation({
      inputs: { x: drawn(from, { seed: 3 }) },
      f: ({ x }) => broadcastTo(x, to),
      slow: ({ x }) => fromIndex(to, (...index) => at(x, ...index)),
      ...exact,
    });
  });

  test("refuses a shape that the tensor does not spread to", () => {
    expect(failing(() => broadcastTo(zeros([3]), [2, 4]))).toThrow(new ShapeError("broadcastTo: [3] does not spread to [2, 4]"));
    expect(failing(() => broadcastTo(zeros([2, 3]), [3]))).toThrow(new ShapeError("broadcastTo: [2, 3] does not spread to [3]"));
    expect(failing(() => broadcastTo(zeros([2]), [1]))).toThrow(new ShapeError("broadcastTo: [2] does not spread to [1]"));
  });
});

describe("constants", () => {
  test("hold their numbers", () => {
    expect(numbersOf(() => constant([1, 2, 3, 4], [2, 2]))).toMatchObject({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
    expect(numbersOf(() => ones([3])).data).toEqual(Float32Array.of(1, 1, 1));
    expect(numbersOf(() => core.full([2], -7)).data).toEqual(Float32Array.of(-7, -7));
    expect(numbersOf(() => zeros([])).data).toEqual(Float32Array.of(0));
  });

  test("refuse a count that does not fill the shape", () => {
    expect(failing(() => constant([1, 2, 3], [2, 2]))).toThrow(new ShapeError("constant: 3 numbers do not fill shape [2, 2]"));
  });
});
