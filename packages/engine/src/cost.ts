import { elementsOf, type Graph, type Node, type Value } from "./graph.ts";

/** What a graph costs. */
export interface Cost {
  /** Floating-point operations of matrix products, 2 M N K each, and of convolutions, 2 for each weight at each place. */
  readonly matmulFlops: number;
  /** One for each number that any other operation makes. */
  readonly otherFlops: number;
  readonly nodes: number;
}

const productFlops = (node: Extract<Node, { op: "matmul" }>): number => {
  const [a] = node.inputs as readonly [Value];
  const inner = a.shape.at(node.attributes.transposeA ? -2 : -1) as number;
  return 2 * inner * elementsOf(node.outputs[0]?.shape ?? []);
};

/** Each number of the result is a sum over one kernel. */
const convolutionFlops = ({ inputs, outputs }: Extract<Node, { op: "convolution" }>): number =>
  2 * elementsOf((inputs[1] as Value).shape.slice(1)) * elementsOf((outputs[0] as Value).shape);

export const costOf = (graph: Graph): Cost => {
  let matmulFlops = 0;
  let otherFlops = 0;
  for (const node of graph.nodes) {
    if (node.op === "matmul") matmulFlops += productFlops(node);
    else if (node.op === "convolution") matmulFlops += convolutionFlops(node);
    else otherFlops += node.outputs.reduce((total, value) => total + elementsOf(value.shape), 0);
  }
  return { matmulFlops, otherFlops, nodes: graph.nodes.length };
};

const bytesOf = { float32: 4, int32: 4, int64: 8, uint8: 1, bool: 1 } as const;
export const valueBytes = (value: Value): number => elementsOf(value.shape) * bytesOf[value.type];

/** What a graph needs in memory, in bytes. */
export interface MemoryEstimate {
  readonly inputs: number;
  readonly constants: number;
  readonly outputs: number;
  /** The largest sum of intermediate values alive at once, when nodes run in order and values die after their last reader. */
  readonly peakIntermediates: number;
}

/** The value whose memory another one uses: reshapes share their input's in onnxruntime. */
const storageOf = (graph: Graph): ((value: Value) => Value) => {
  const source = new Map<Value, Value>();
  for (const node of graph.nodes) {
    const [input, output] = [node.inputs[0], node.outputs[0]];
    if (node.op === "reshape" && input && output) source.set(output, source.get(input) ?? input);
  }
  return (value) => source.get(value) ?? value;
};

/** Estimates memory from the order of the nodes and the last reader of each value. */
export const memoryOf = (graph: Graph): MemoryEstimate => {
  const storage = storageOf(graph);
  const fixed = new Set([...graph.inputs, ...graph.outputs, ...graph.constants].map(({ value }) => storage(value)));
  const lastRead = new Map<Value, number>();
  for (const [i, node] of graph.nodes.entries()) for (const value of node.inputs) lastRead.set(storage(value), i);
  let alive = 0;
  let peak = 0;
  for (const [i, node] of graph.nodes.entries()) {
    const own = node.outputs.filter((value) => storage(value) === value && !fixed.has(value));
    alive += own.reduce((sum, value) => sum + valueBytes(value), 0);
    peak = Math.max(peak, alive);
    const dead = new Set([...node.inputs.map(storage), ...own]);
    for (const value of dead) if (!fixed.has(value) && (lastRead.get(value) ?? i) === i) alive -= valueBytes(value);
  }
  const total = (items: readonly { readonly value: Value }[]): number => items.reduce((sum, item) => sum + valueBytes(item.value), 0);
  return { inputs: total(graph.inputs), constants: total(graph.constants), outputs: total(graph.outputs), peakIntermediates: peak };
};
