import { isSingle } from "../builder.ts";
import { elementsOf, type Graph, type Node, type Operations, type Value } from "../graph.ts";
import { type RewriteContext, rewrite } from "../rewrite.ts";

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((length, i) => length === b[i]);

const filledWith = (context: RewriteContext, value: Value, number: number): boolean => {
  const data = context.builder.constantOf(value);
  if (data === undefined) return false;
  return data.every((x: number | bigint) => Number(x) === number);
};

/** `x + 0`, `x - 0`, `x * 1`, `x / 1` are x where the shape stays. */
const neutral = (node: Node, context: RewriteContext): Value | undefined => {
  const [a, b] = context.inputs as readonly [Value, Value];
  const shape = node.outputs[0]?.shape ?? [];
  const identity = node.op === "add" || node.op === "sub" ? 0 : 1;
  if (sameShape(a.shape, shape) && filledWith(context, b, identity)) return a;
  if ((node.op === "add" || node.op === "mul") && sameShape(b.shape, shape) && filledWith(context, a, identity)) return b;
  return undefined;
};

/** `(x * c) * d` is `x * (c d)`, and a factor on a matrix product becomes its alpha. */
const gatherFactors = (node: Node, context: RewriteContext): readonly Value[] | undefined => {
  const [a, b] = context.inputs as readonly [Value, Value];
  const factor = (value: Value): number | undefined =>
    isSingle(value) && value.shape.length === 0 ? Number(context.builder.constantOf(value)?.[0] ?? Number.NaN) : undefined;
  const [x, c] = factor(b) !== undefined && !Number.isNaN(factor(b)) ? [a, factor(b) as number] : [b, factor(a) ?? Number.NaN];
  if (Number.isNaN(c)) return undefined;
  const inner = context.builder.producer(x);
  const original = node.inputs[x === a ? 0 : 1] as Value;
  if (inner === undefined || context.uses(original) !== 1) return undefined;
  if (inner.op === "matmul" && inner.inputs.length === 2) {
    return context.builder.node(
      "matmul",
      inner.inputs,
      { ...inner.attributes, alpha: Math.fround(inner.attributes.alpha * c) },
      inner.path,
    );
  }
  if (inner.op !== "mul") return undefined;
  const [p, q] = inner.inputs as readonly [Value, Value];
  const [y, d] = q.shape.length === 0 && context.builder.constantOf(q) ? [p, q] : [q, p];
  const data = d.shape.length === 0 ? context.builder.constantOf(d) : undefined;
  return data === undefined
    ? undefined
    : context.builder.node("mul", [y, context.builder.scalar(Math.fround(Number(data[0]) * c))], {}, node.path);
};

/** `x` under another shape, by no reshape or by one: those that `x` came through are skipped. */
const reshaped = (x: Value, shape: readonly number[], { builder }: RewriteContext, path: string): readonly Value[] => {
  const data = builder.constantOf(x);
  if (data !== undefined) return [builder.constant(data, shape, x.type)];
  const inner = builder.producer(x);
  const source = inner?.op === "reshape" ? (inner.inputs[0] as Value) : x;
  return sameShape(source.shape, shape) ? [source] : builder.node("reshape", [source], { shape }, path);
};

/** A transpose that only moves axes of length 1 leaves the numbers in place: a reshape. */
const simplifyTranspose = (node: Node, context: RewriteContext): readonly Value[] | undefined => {
  const [x] = context.inputs as readonly [Value];
  const { order } = node.attributes as Operations["transpose"];
  const moving = order.filter((axis) => x.shape[axis] !== 1);
  const inPlace = moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number));
  return inPlace
    ? reshaped(
        x,
        order.map((axis) => x.shape[axis] as number),
        context,
        node.path,
      )
    : undefined;
};

const rule = (node: Node, context: RewriteContext): readonly Value[] | undefined => {
  const [x] = context.inputs;
  switch (node.op) {
    case "add":
    case "sub":
    case "mul":
    case "div": {
      const kept = neutral(node, context);
      if (kept !== undefined) return [kept];
      return node.op === "mul" ? gatherFactors(node, context) : undefined;
    }
    case "reshape":
      return reshaped(x as Value, node.attributes.shape, context, node.path);
    case "transpose":
      return simplifyTranspose(node, context);
    case "expand":
    case "slice":
      return x && sameShape(x.shape, node.outputs[0]?.shape ?? []) ? [x] : undefined;
    case "reduceSum":
    case "reduceMean":
      return x && elementsOf(x.shape) === elementsOf(node.outputs[0]?.shape ?? []) ? [x] : undefined;
    case "concat":
      return context.inputs.length === 1 && x ? [x] : undefined;
    default:
      return undefined;
  }
};

/** Algebra that leaves values equal: neutral elements, constant factors, reshapes of reshapes, transposes that move nothing. */
export const simplify = (graph: Graph): Graph => rewrite(graph, rule);
