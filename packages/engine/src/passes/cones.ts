import { elementsOf, elementwise, type Graph, type Node, type Value } from "../graph.ts";

/** The number-by-number computation behind one written state leaf: what it reads and a description free of names. */
export interface Cone {
  readonly path: string;
  readonly output: Value;
  /** Values of the leaf's own size that the computation starts from, in order of first use. */
  readonly sources: readonly Value[];
  /** Equal for cones that differ only in their sources. */
  readonly signature: string;
}

export type Producers = ReadonlyMap<Value, Node>;

/** Who makes each value. */
export const producersOf = (graph: Graph): Producers =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));

const sameShape = (a: Value, b: Value): boolean => a.shape.length === b.shape.length && a.shape.every((length, i) => length === b.shape[i]);
const single = (value: Value): boolean => value.shape.length === 0;

/** Whether a node works number by number on values of `like`'s shape and single numbers. */
export const inCone = (node: Node | undefined, like: Value): node is Node =>
  node !== undefined &&
  elementwise.has(node.op) &&
  sameShape(node.outputs[0] as Value, like) &&
  node.inputs.every((value) => single(value) || sameShape(value, like));

/** The cone of one output, or undefined when it is not computed number by number from something. */
export const coneOf = (producers: Producers, path: string, output: Value): Cone | undefined => {
  if (single(output) || elementsOf(output.shape) < 2 || !inCone(producers.get(output), output)) return undefined;
  const sources: Value[] = [];
  const seen = new Map<Value, number>();
  const describe = (value: Value): string => {
    if (single(value)) return `#${value.id}`;
    const known = seen.get(value);
    if (known !== undefined) return `@${known}`;
    const node = producers.get(value);
    if (!inCone(node, output)) {
      seen.set(value, seen.size);
      sources.push(value);
      return `s${sources.length}`;
    }
    const inputs = node.inputs.map(describe);
    seen.set(value, seen.size);
    return `${node.op}${JSON.stringify(node.attributes)}(${inputs.join()})`;
  };
  return { path, output, signature: describe(output), sources };
};
