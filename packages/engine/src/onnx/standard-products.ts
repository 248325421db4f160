import { type Graph, type Node, type Operations, only, type Value } from "../graph.ts";
import { type RewriteContext, rewrite } from "../rewrite.ts";

const turned = ({ builder }: RewriteContext, value: Value, path: string): Value => {
  const axes = value.shape.map((_, axis) => axis);
  const order = [...axes.slice(0, -2), axes.at(-1) as number, axes.at(-2) as number];
  return only(builder.node("transpose", [value], { order }, path));
};

const rule = (node: Node, context: RewriteContext): readonly Value[] | undefined => {
  if (node.op !== "matmul" || (node.inputs[0] as Value).shape.length === 2) return undefined;
  const { builder, inputs } = context;
  const { transposeA, transposeB, alpha } = node.attributes as Operations["matmul"];
  const [a, b] = inputs as readonly [Value, Value];
  const sides = [transposeA ? turned(context, a, node.path) : a, transposeB ? turned(context, b, node.path) : b];
  const product = only(builder.node("matmul", sides, { transposeA: false, transposeB: false, alpha: 1 }, node.path));
  return alpha === 1 ? [product] : builder.node("mul", [product, builder.scalar(alpha)], {}, node.path);
};

/** Products of batches of matrices without turning and scaling of their own, which only onnxruntime has: for files that others read. */
export const standardProducts = (graph: Graph): Graph => rewrite(graph, rule);
