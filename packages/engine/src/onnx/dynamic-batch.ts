import { type Graph, type Node, type Operations, only, type Value } from "../graph.ts";
import { type RewriteContext, rewrite } from "../rewrite.ts";

/** One computation traced for two sizes of the batch: what differs depends on the batch, what is equal does not. */
export interface Twins {
  readonly graph: Graph;
  readonly other: Graph;
}

const refuse = (what: string): never => {
  throw new Error(`dynamicBatch: ${what}`);
};

/** Axes at which two shapes differ. */
const differing = (a: readonly number[], b: readonly number[], path: string): readonly number[] => {
  if (a.length !== b.length) refuse(`${path} has ${a.length} axes for one batch and ${b.length} for another`);
  return a.flatMap((length, axis) => (length === b[axis] ? [] : [axis]));
};

const checkTwins = ({ graph, other }: Twins): void => {
  if (graph.nodes.length !== other.nodes.length || graph.constants.length !== other.constants.length)
    refuse("the graphs of two batches are not alike");
  for (const [i, { op, path }] of graph.nodes.entries()) if (other.nodes[i]?.op !== op) refuse(`${path} is not alike for two batches`);
  for (const [i, { value, data }] of graph.constants.entries()) {
    const twin = other.constants[i];
    if (twin?.value.shape.join() !== value.shape.join()) refuse(`a constant of shape [${value.shape.join(", ")}] fills the batch`);
    if (twin?.data !== data && !data.every((x, at) => x === twin?.data[at])) refuse("a constant depends on the batch");
  }
};

/** A zero for each image, `[B]`, made of an input so that it has as many as the batch: a graph cannot otherwise know how many. */
const zerosOfBatch = ({ builder }: RewriteContext, input: Value): Value => {
  const { shape, type } = input;
  const numbers = type === "float32" ? input : only(builder.node("cast", [input], { to: "float32" }, "batch"));
  const start = shape.map(() => 0);
  const first = only(builder.node("slice", [numbers], { start, size: [shape[0] as number, ...shape.slice(1).map(() => 1)] }, "batch"));
  const row = only(builder.node("reshape", [first], { shape: [shape[0] as number] }, "batch"));
  return only(builder.node("mul", [row, builder.scalar(0)], {}, "batch"));
};

/** Repetitions of something for every image become additions of a zero for each image. */
const withoutRepetitions = (graph: Graph, other: Graph): Graph => {
  const places = new Map(graph.nodes.map((node, i) => [node, i] as const));
  const input = graph.inputs[0]?.value ?? refuse("there is no input");
  return rewrite(graph, (node, context) => {
    if (node.op !== "expand") return undefined;
    const { shape } = node.attributes as Operations["expand"];
    const twin = other.nodes[places.get(node) as number] as Node;
    const [axis, ...more] = differing(shape, (twin.attributes as Operations["expand"]).shape, node.path);
    if (axis === undefined) return undefined;
    if (more.length > 0) return refuse(`${node.path} repeats along two axes of the batch`);
    const { builder, inputs } = context;
    const value = inputs[0] as Value;
    const still = shape.map((length, i) => (i === axis ? 1 : length));
    const repeated = value.shape.join() === still.join() ? value : only(builder.node("expand", [value], { shape: still }, node.path));
    const zeros = zerosOfBatch(context, context.renamed(input));
    const column = shape.map((_, i) => (i === axis ? (zeros.shape[0] as number) : 1));
    return builder.node("add", [repeated, only(builder.node("reshape", [zeros], { shape: column }, node.path))], {}, node.path);
  });
};

/** The attributes of a node for any batch: -1 where a reshape depends on it. */
const anyBatch = (node: Node, twin: Node): Node["attributes"] => {
  if (node.op === "reshape") {
    const { shape } = node.attributes as Operations["reshape"];
    const [axis, ...more] = differing(shape, (twin.attributes as Operations["reshape"]).shape, node.path);
    if (more.length > 0) return refuse(`${node.path} is reshaped along two axes of the batch`);
    return axis === undefined ? node.attributes : { shape: shape.map((length, i) => (i === axis ? -1 : length)) };
  }
  if (node.op === "slice") {
    const { start, size } = node.attributes as Operations["slice"];
    const input = node.inputs[0] as Value;
    const cut = differing(size, (twin.attributes as Operations["slice"]).size, node.path).find(
      (axis) => start[axis] !== 0 || size[axis] !== input.shape[axis],
    );
    return cut === undefined ? node.attributes : refuse(`${node.path} cuts the batch`);
  }
  return JSON.stringify(node.attributes) === JSON.stringify(twin.attributes)
    ? node.attributes
    : refuse(`${node.path} depends on the batch`);
};

/**
 * A graph for batches of any size, from two traces of it at two sizes: shapes that differ between them become open. Nodes keep the
 * shapes of the first trace in their values; `dims` has those of inputs and outputs, "batch" where they are open.
 * @throws Error where the graphs are not alike but for the batch: a computation that mixes the images of its batch.
 */
export const dynamicBatch = (twins: Twins): { readonly graph: Graph; readonly dims: ReadonlyMap<Value, readonly (number | "batch")[]> } => {
  checkTwins(twins);
  const graph = withoutRepetitions(twins.graph, twins.other);
  const other = withoutRepetitions(twins.other, twins.graph);
  checkTwins({ graph, other });
  const nodes = graph.nodes.map((node, i) => ({ ...node, attributes: anyBatch(node, other.nodes[i] as Node) }) as Node);
  const open = (named: Graph["inputs"], twin: Graph["inputs"]) =>
    named.map(({ value }, i) => {
      const axes = differing(value.shape, twin[i]?.value.shape ?? [], "an input or output");
      return [value, value.shape.map((length, axis) => (axes.includes(axis) ? ("batch" as const) : length))] as const;
    });
  const dims = new Map([...open(graph.inputs, other.inputs), ...open(graph.outputs, other.outputs)]);
  return { graph: { ...graph, nodes }, dims };
};
