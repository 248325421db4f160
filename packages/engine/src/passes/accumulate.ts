import type { Graph, Node, Value } from "../graph.ts";
import { type RewriteContext, rewrite } from "../rewrite.ts";

const rule = (node: Node, context: RewriteContext): readonly Value[] | undefined => {
  if (node.op !== "add") return undefined;
  const shape = node.outputs[0]?.shape.join();
  for (const [side, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const product = context.builder.producer(context.inputs[side] as Value);
    const addend = context.inputs[other] as Value;
    const fits =
      product?.op === "matmul" &&
      product.inputs.length === 2 &&
      product.outputs[0]?.shape.join() === shape &&
      addend.shape.length === 2 &&
      addend.shape.join() === shape;
    if (fits && context.uses(node.inputs[side] as Value) === 1) {
      return context.builder.node("matmul", [...product.inputs, addend], product.attributes, product.path);
    }
  }
  return undefined;
};

/** `A B + C` in one product: gradients of the chunks of a batch add up inside the matrix product instead of in passes of their own. */
export const accumulateProducts = (graph: Graph): Graph => rewrite(graph, rule);
