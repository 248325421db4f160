import type { Graph, Node, Value } from "../graph.ts";

/** Drops nodes and constants that no output depends on: gradients of frozen parameters go here. Inputs stay. */
export const dropDeadCode = (graph: Graph): Graph => {
  const live = new Set<Value>(graph.outputs.map((output) => output.value));
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => live.has(value))) continue;
    nodes.push(node);
    for (const value of node.inputs) live.add(value);
  }
  return { ...graph, nodes: nodes.reverse(), constants: graph.constants.filter((constant) => live.has(constant.value)) };
};
