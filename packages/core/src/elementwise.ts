import { constant, zeros } from "./constant.ts";
import { checkShape, ShapeError } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

/** A tensor or a plain number where an operand is wanted. */
export type Operand = Tensor | number;

const lift = (x: Operand): Tensor => (typeof x === "number" ? constant([x], []) : x);

/** The shape that two shapes broadcast to, by NumPy's rule. @throws ShapeError naming both shapes. */
export const broadcastShape = (where: string, a: readonly number[], b: readonly number[]): readonly number[] => {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new ShapeError(`${where}: shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast`);
    return x === 1 ? y : x;
  });
};

/** Sums a gradient over the axes along which an operand of `shape` was broadcast. */
const unbroadcast = (dy: Tensor, shape: readonly number[]): Tensor => {
  const lead = dy.shape.length - shape.length;
  const axes = dy.shape.map((_, axis) => axis).filter((axis) => axis < lead || (shape[axis - lead] === 1 && dy.shape[axis] !== 1));
  const summed = axes.length === 0 ? dy : runKernel("Sum", { x: dy }, { axis: axes, keepDims: false });
  return summed.shape.join() === shape.join() ? summed : runKernel("Reshape", { x: summed }, { shape });
};

const raw = {
  add: (a: Tensor, b: Tensor) => runKernel("Add", { a, b }),
  sub: (a: Tensor, b: Tensor) => runKernel("Sub", { a, b }),
  mul: (a: Tensor, b: Tensor) => runKernel("Multiply", { a, b }),
  div: (a: Tensor, b: Tensor) => runKernel("RealDiv", { a, b }),
  neg: (x: Tensor) => runKernel("Neg", { x }),
};

const binary = (
  name: string,
  forward: (a: Tensor, b: Tensor) => Tensor,
  keeps: boolean,
  gradient: (dy: Tensor, a: Tensor, b: Tensor) => readonly [Tensor, Tensor],
): ((a: Operand, b: Operand) => Tensor) => {
  const run = operation((a, b) => {
    broadcastShape(name, a.shape, b.shape);
    return {
      value: forward(a, b),
      keep: keeps ? [a, b] : [],
      gradient: (dy, kept) => {
        const [da, db] = gradient(dy, kept[0] ?? a, kept[1] ?? b);
        return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
      },
    };
  });
  return (a, b) => run(lift(a), lift(b));
};

/** `a + b`, broadcast. */
export const add = binary("add", raw.add, false, (dy) => [dy, dy]);
/** `a - b`, broadcast. */
export const sub = binary("sub", raw.sub, false, (dy) => [dy, raw.neg(dy)]);
/** `a * b`, broadcast. */
export const mul = binary("mul", raw.mul, true, (dy, a, b) => [raw.mul(dy, b), raw.mul(dy, a)]);
/** `a / b`, broadcast. */
export const div = binary("div", raw.div, true, (dy, a, b) => {
  const da = raw.div(dy, b);
  return [da, raw.neg(raw.mul(da, raw.div(a, b)))];
});
/** The larger of two numbers; the gradient goes to the larger, to `a` on a tie. */
export const maximum = binary(
  "maximum",
  (a, b) => runKernel("Maximum", { a, b }),
  true,
  (dy, a, b) => {
    const first = runKernel("Cast", { x: runKernel("GreaterEqual", { a, b }) }, { dtype: "float32" });
    const toA = raw.mul(dy, first);
    return [toA, raw.sub(dy, toA)];
  },
);

const unary = (kernel: string, gradient: (dy: Tensor, x: Tensor, y: Tensor) => Tensor, keep: "x" | "y" | "none"): ((x: Tensor) => Tensor) =>
  operation((x) => {
    const y = runKernel(kernel, { x });
    return {
      value: y,
      keep: keep === "none" ? [] : [keep === "x" ? x : y],
      gradient: (dy, [kept]) => [gradient(dy, kept as Tensor, kept as Tensor)],
    };
  });

/** `-x`. */
export const neg = unary("Neg", (dy) => raw.neg(dy), "none");
/** `e^x`. */
export const exp = unary("Exp", (dy, _, y) => raw.mul(dy, y), "y");
/** The natural logarithm. */
export const log = unary("Log", (dy, x) => raw.div(dy, x), "x");
/** The square root. */
export const sqrt = unary("Sqrt", (dy, _, y) => raw.div(dy, raw.mul(y, lift(2))), "y");
/** `x^2`. */
export const square = unary("Square", (dy, x) => raw.mul(dy, raw.mul(x, lift(2))), "x");
/** `|x|`, with gradient 0 at 0. */
export const abs = unary("Abs", (dy, x) => raw.mul(dy, runKernel("Sign", { x })), "x");
/** `max(x, 0)`, with gradient 0 at 0. */
export const relu = unary("Relu", (dy, _, y) => raw.mul(dy, runKernel("Step", { x: y }, { alpha: 0 })), "y");

/** The Gauss error function, with gradient `2 / sqrt(pi) e^(-x^2)`. */
export const erf = unary(
  "Erf",
  (dy, x) => raw.mul(dy, raw.mul(runKernel("Exp", { x: raw.neg(raw.mul(x, x)) }), lift(2 / Math.sqrt(Math.PI)))),
  "x",
);

/** 1 where `x` is finite and 0 elsewhere, as float32; its gradient is 0. */
export const finiteMask = operation((x) => ({
  value: runKernel("Cast", { x: runKernel("IsFinite", { x }) }, { dtype: "float32" }),
  keep: [],
  gradient: () => [zeros(x.shape)],
}));

const select = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  runKernel("Select", { condition: runKernel("Greater", { a: condition, b: lift(0) }), t: a, e: b });

const whereOperation = operation((condition, a, b) => ({
  value: select(condition, a, b),
  keep: [condition],
  gradient: (dy, [kept]) => {
    const nothing = zeros(dy.shape);
    return [zeros(condition.shape), select(kept as Tensor, dy, nothing), select(kept as Tensor, nothing, dy)];
  },
}));

/**
 * `condition > 0 ? a : b`, element by element. The gradient goes to the operand that was taken; the condition has none.
 * @throws ShapeError if the three shapes are not equal.
 */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => {
  checkShape("where", "a", a.shape, condition.shape);
  checkShape("where", "b", b.shape, condition.shape);
  return whereOperation(condition, a, b);
};

/** The value of `x` with no gradient to it. */
export const stopGradient = operation((x) => ({
  value: runKernel("Identity", { x }),
  keep: [],
  gradient: () => [zeros(x.shape)],
}));
