import { drawn, fromIndex, operationChecks, type Slow, slow, slowBroadcast, slowErf, slowMap, type Tolerance } from "@twinview/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as core from "./index.ts";
import {
  abs,
  add,
  broadcastShape,
  div,
  erf,
  exp,
  finiteMask,
  log,
  maximum,
  mul,
  neg,
  relu,
  ShapeError,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
  where,
} from "./index.ts";

fc.configureGlobal({ seed: 1 });

const { checkOperation, gradientsOf, numbersOf } = operationChecks<Tensor>(core);

const binary = [
  { name: "add", f: add, twin: (a: number, b: number) => a + b },
  { name: "sub", f: sub, twin: (a: number, b: number) => a - b },
  { name: "mul", f: mul, twin: (a: number, b: number) => a * b },
  { name: "div", f: div, twin: (a: number, b: number) => a / b },
  { name: "maximum", f: maximum, twin: (a: number, b: number) => Math.max(a, b) },
];
const shapes = [
  { left: [3, 4], right: [3, 4], out: [3, 4] },
  { left: [3, 4], right: [4], out: [3, 4] },
  { left: [3, 1], right: [1, 4], out: [3, 4] },
  { left: [], right: [2, 3], out: [2, 3] },
  { left: [2, 3, 4], right: [3, 1], out: [2, 3, 4] },
  { left: [1, 1], right: [5], out: [1, 5] },
];

describe.each(binary)("$name", ({ f, twin }) => {
  test.each(shapes)("of $left and $right", ({ left, right, out }) => {
    const b = drawn(right, { seed: 2, low: -2, high: 2, awayFromZero: 0.4 });
    checkOperation({
      inputs: { a: drawn(left, { seed: 1 }), b },
      f: ({ a, b }) => f(a, b),
      slow: ({ a, b }) => slowBroadcast(out, a, b, twin),
    });
  });

  test("of a tensor and a number, on either side", () => {
    const a = drawn([5], { seed: 3, low: 0.5, high: 2 });
    checkOperation({ inputs: { a }, f: ({ a }) => f(a, 1.5), slow: ({ a }) => slowMap(a, (x) => twin(x, 1.5)) });
    checkOperation({ inputs: { a }, f: ({ a }) => f(1.5, a), slow: ({ a }) => slowMap(a, (x) => twin(1.5, x)) });
  });
});

const smooth = drawn([3, 5], { seed: 4, low: -2, high: 2, awayFromZero: 0.05 });
const positive = drawn([3, 5], { seed: 5, low: 0.2, high: 4 });
const unary: readonly {
  name: string;
  f: (x: Tensor) => Tensor;
  twin: (x: number) => number;
  x: Slow;
  value?: Tolerance;
  gradient?: false;
}[] = [
  { name: "neg", f: neg, twin: (x) => -x, x: smooth },
  { name: "exp", f: exp, twin: Math.exp, x: smooth },
  { name: "log", f: log, twin: Math.log, x: positive },
  { name: "sqrt", f: sqrt, twin: Math.sqrt, x: positive },
  { name: "square", f: square, twin: (x) => x * x, x: smooth },
  { name: "abs", f: abs, twin: Math.abs, x: smooth },
  { name: "relu", f: relu, twin: (x) => Math.max(x, 0), x: smooth },
  // the reference backend's erf is Abramowitz and Stegun's formula 7.1.26, good to 1.5e-7
  { name: "erf", f: erf, twin: slowErf, x: smooth, value: { absolute: 3e-7 } },
];

test.each(unary)("$name", ({ f, twin, x, value }) => {
  checkOperation({
    inputs: { x },
    f: ({ x }) => f(x),
    slow: ({ x }) => slowMap(x, twin),
    ...(value === undefined ? {} : { value }),
  });
});

describe("at the corners", () => {
  test("maximum gives the gradient of a tie to its first operand", () => {
    const tie = slow([1, 2]);
    const { a, b } = gradientsOf(({ a, b }) => maximum(a, b), { a: tie, b: tie }, slow([1, 1]));
    expect([[...Array.from(a.data)], [...Array.from(b.data)]]).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test("abs and relu have gradient 0 at 0", () => {
    for (const f of [abs, relu])
      expect(Array.from(gradientsOf(({ x }) => f(x), { x: slow([0, -0]) }, slow([1, 1])).x.data)).toEqual([0, 0]);
  });

  test("stopGradient keeps the value and lets no gradient through", () => {
    const x = slow([1, 2, 3]);
    expect(Array.from(numbersOf(() => stopGradient(core.constant([1, 2, 3], [3]))).data)).toEqual([1, 2, 3]);
    // d (x stop(x)) = stop(x), not 2 x
    expect(Array.from(gradientsOf(({ x }) => mul(x, stopGradient(x)), { x }, slow([1, 1, 1])).x.data)).toEqual([1, 2, 3]);
  });

  test("finiteMask marks NaN and both infinities, and lets no gradient through", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, 0];
    expect(Array.from(numbersOf(() => finiteMask(core.constant(odd, [5]))).data)).toEqual([0, 0, 0, 1, 1]);
    expect(Array.from(gradientsOf(({ x }) => mul(x, finiteMask(x)), { x: slow([2, 3]) }, slow([1, 1])).x.data)).toEqual([1, 1]);
  });

  test("where takes the first where the condition is positive, not where it is 0, and sends the gradient to what it took", () => {
    const [a, b, condition] = [drawn([4], { seed: 6 }), drawn([4], { seed: 7 }), slow([1, 0, -1, 0.5])];
    const twin = (at: { condition: Slow; a: Slow; b: Slow }): Slow =>
      fromIndex([4], (i = 0) => ((condition.data[i] as number) > 0 ? at.a.data[i] : at.b.data[i]) as number);
    checkOperation({ inputs: { condition, a, b }, f: ({ condition, a, b }) => where(condition, a, b), slow: twin });
    expect(() => numbersOf(() => where(core.zeros([4]), core.zeros([3]), core.zeros([4])))).toThrow(
      new ShapeError("where: a has shape [3], expected [4]"),
    );
  });
});

describe("broadcastShape", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

  test("is NumPy's rule: the longest of each axis, counted from the last", () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat({ max: 4 }), (shape, flat, dropped) => {
        const other = shape.slice(Math.min(dropped, shape.length)).map((length, i) => (flat[i] ? 1 : length));
        expect(broadcastShape("test", shape, other)).toEqual(shape);
        expect(broadcastShape("test", other, shape)).toEqual(shape);
      }),
    );
  });

  test("names the operation and both shapes when they do not fit", () => {
    expect(() => broadcastShape("add", [2, 3], [4])).toThrow(new ShapeError("add: shapes [2, 3] and [4] do not broadcast"));
    const a = fromIndex([2, 3], () => 1);
    expect(() => numbersOf(() => mul(core.constant(Array.from(a.data), [2, 3]), core.zeros([2])))).toThrow(
      new ShapeError("mul: shapes [2, 3] and [2] do not broadcast"),
    );
  });
});
