import type { Graph, Value } from "./graph.ts";

const kind = (value: Value): string => `${value.type === "float32" ? "" : `${value.type} `}[${value.shape.join(", ")}]`;

/** The graph as text, one node a line: `%12 = add(%3, %11) [16, 96]  # online/blocks/block00`. */
export const printGraph = (graph: Graph): string => {
  const attributes = (value: object): string => {
    const entries = Object.entries(value).map(([name, item]) => `${name}=${JSON.stringify(item)}`);
    return entries.length === 0 ? "" : ` {${entries.join(", ")}}`;
  };
  const lines = [
    ...graph.inputs.map(({ name, value }) => `%${value.id} = input "${name}" ${kind(value)}`),
    ...graph.constants.map(({ value, data }) => `%${value.id} = constant ${kind(value)}${data.length === 1 ? ` ${data[0]}` : ""}`),
    ...graph.nodes.map((node) => {
      const left = node.outputs.map((value) => `%${value.id}`).join(", ");
      const right = node.inputs.map((value) => `%${value.id}`).join(", ");
      return `${left} = ${node.op}(${right})${attributes(node.attributes)} ${node.outputs.map(kind).join(", ")}${node.path === "" ? "" : `  # ${node.path}`}`;
    }),
    ...graph.outputs.map(({ name, value }) => `output "${name}" = %${value.id}`),
  ];
  return `${lines.join("\n")}\n`;
};
