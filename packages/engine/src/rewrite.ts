import { type GraphBuilder, graphBuilder } from "./builder.ts";
import type { Graph, Node, Value } from "./graph.ts";

/** What a rule gets to see: the node, its inputs in the new graph, how often its output is read, and the new graph. */
export interface RewriteContext {
  readonly inputs: readonly Value[];
  readonly builder: GraphBuilder;
  readonly uses: (value: Value) => number;
  /** The value that stands for an input of the old graph. */
  readonly renamed: (input: Value) => Value;
  /** Copies the node unchanged. */
  readonly keep: () => readonly Value[];
}

/** Rebuilds a graph node by node; a rule gives the values that stand for the node's outputs, or undefined to keep it. */
export const rewrite = (graph: Graph, rule: (node: Node, context: RewriteContext) => readonly Value[] | undefined): Graph => {
  const builder = graphBuilder();
  const renamed = new Map<Value, Value>();
  const counts = countUses(graph);
  for (const { name, value } of graph.inputs) renamed.set(value, builder.input(name, value.shape, value.type));
  for (const { value, data } of graph.constants) renamed.set(value, builder.constant(data, value.shape, value.type));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => renamed.get(value) as Value);
    const keep = (): readonly Value[] => builder.node(node.op, inputs, node.attributes as never, node.path);
    const outputs =
      rule(node, { inputs, builder, uses: (value) => counts.get(value) ?? 0, renamed: (value) => renamed.get(value) as Value, keep }) ??
      keep();
    for (const [i, value] of node.outputs.entries()) renamed.set(value, outputs[i] as Value);
  }
  return builder.finish(graph.outputs.map(({ name, value }) => ({ name, value: renamed.get(value) as Value })));
};

/** How often each value is read by nodes and outputs. */
export const countUses = (graph: Graph): ReadonlyMap<Value, number> => {
  const counts = new Map<Value, number>();
  const read = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.value)];
  for (const value of read) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};
