import { type Graph, type Node, type Operations, only, type Value } from "../graph.ts";
import { type RewriteContext, rewrite } from "../rewrite.ts";

const turned = (builder: RewriteContext["builder"], value: Value, path: string): Value => {
  const axes = value.shape.map((_, axis) => axis);
  const order = [...axes.slice(0, -2), axes.at(-1) as number, axes.at(-2) as number];
  return only(builder.node("transpose", [value], { order }, path));
};

/** Products of batches of matrices, without turning and scaling of their own, which only onnxruntime has. */
const product = (node: Node, { builder, inputs }: RewriteContext): readonly Value[] | undefined => {
  if ((node.inputs[0] as Value).shape.length === 2) return undefined;
  const { transposeA, transposeB, alpha } = node.attributes as Operations["matmul"];
  const [a, b] = inputs as readonly [Value, Value];
  const sides = [transposeA ? turned(builder, a, node.path) : a, transposeB ? turned(builder, b, node.path) : b];
  const result = only(builder.node("matmul", sides, { transposeA: false, transposeB: false, alpha: 1 }, node.path));
  return alpha === 1 ? [result] : builder.node("mul", [result, builder.scalar(alpha)], {}, node.path);
};

/** The step in two operations: as one, a HardSigmoid with a slope of 3e38, OpenVINO 2026.4 gives a half where it is 0 or 1. */
const step = ({ path }: Node, { builder, inputs }: RewriteContext): readonly Value[] =>
  builder.node("relu", builder.node("sign", inputs, {}, path), {}, path);

/** A graph for files that other runtimes read: operations that they have, and compute as onnxruntime does. */
export const standardOperations = (graph: Graph): Graph =>
  rewrite(graph, (node, context) => (node.op === "matmul" ? product(node, context) : node.op === "step" ? step(node, context) : undefined));
