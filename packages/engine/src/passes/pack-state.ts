import { type GraphBuilder, graphBuilder } from "../builder.ts";
import { elementsOf, type Graph, type Named, type Node, type Value } from "../graph.ts";
import { roleName } from "../roles.ts";
import { type Bundle, bundleGroups } from "./bundles.ts";
import { inCone, producersOf } from "./cones.ts";

/** State leaves that lie one after the other in memory, so that one operation updates them all. */
export interface Pack {
  readonly name: string;
  readonly size: number;
  readonly leaves: readonly { readonly path: string; readonly offset: number; readonly shape: readonly number[] }[];
}

interface Packing {
  readonly pack: Pack;
  readonly group: readonly Bundle[];
  readonly cone: number;
  readonly input: Value;
}

const packsOf = (groups: readonly (readonly Bundle[])[], builder: GraphBuilder): readonly Packing[] =>
  groups.flatMap((group, g) =>
    (group[0] as Bundle).cones.map((_, cone) => {
      let size = 0;
      const leaves = group.map((bundle) => {
        const { path, output } = bundle.cones[cone] as Bundle["cones"][number];
        const offset = size;
        size += elementsOf(output.shape);
        return { path, offset, shape: output.shape };
      });
      const name = `${g}.${cone}`;
      return { pack: { name, size, leaves }, group, cone, input: builder.input(roleName("pack", name), [size], "float32") };
    }),
  );

/**
 * Packs small state leaves with equal updates (biases, norms, their moments and averages) into vectors, so that an optimizer
 * takes a few operations for all of them instead of a few dozen for each. Values stay equal; the graph reads a pack through an
 * input `pack:..` and writes it through an output `packed:..`, and the leaves inside it through their own inputs, which the engine
 * lays over the same memory. Only leaves that `may` be packed are.
 */
export const packState = (
  graph: Graph,
  may: (path: string) => boolean = () => true,
): { readonly graph: Graph; readonly packs: readonly Pack[] } => {
  const producers = producersOf(graph);
  const builder = graphBuilder();
  const done = new Map<Value, Value>();
  for (const { name, value } of graph.inputs) done.set(value, builder.input(name, value.shape, value.type));
  for (const { value, data } of graph.constants) done.set(value, builder.constant(data, value.shape, value.type));
  const packings = packsOf(bundleGroups(graph, producers, may), builder);
  const packedAt = new Map<Value, { readonly packing: Packing; readonly bundle: number }>();
  for (const packing of packings) {
    for (const [bundle, { cones }] of packing.group.entries())
      packedAt.set((cones[packing.cone] as Bundle["cones"][number]).output, { packing, bundle });
  }
  const computed = new Map<Packing, Value>();

  const first = (values: readonly Value[]): Value => values[0] as Value;
  const flat = (value: Value): Value => first(builder.node("reshape", [value], { shape: [elementsOf(value.shape)] }, "pack"));
  const emitNode = (node: Node): void => {
    const outputs = builder.node(node.op, node.inputs.map(emit), node.attributes as never, node.path);
    for (const [i, value] of node.outputs.entries()) done.set(value, outputs[i] as Value);
  };
  const emit = (value: Value): Value => {
    const known = done.get(value);
    if (known !== undefined) return known;
    const packed = packedAt.get(value);
    if (packed === undefined) {
      emitNode(producers.get(value) as Node);
      return done.get(value) as Value;
    }
    const { offset, shape } = packed.packing.pack.leaves[packed.bundle] as Pack["leaves"][number];
    const part = first(builder.node("slice", [packedValue(packed.packing)], { start: [offset], size: [elementsOf(shape)] }, "pack"));
    const own = first(builder.node("reshape", [part], { shape }, "pack"));
    done.set(value, own);
    return own;
  };
  /** The whole vector: the computation of the first bundle, with every source replaced by the vector of all bundles' sources. */
  const packedValue = (packing: Packing): Value => {
    const known = computed.get(packing);
    if (known !== undefined) return known;
    const template = packing.group[0] as Bundle;
    const cone = template.cones[packing.cone] as Bundle["cones"][number];
    const vectors = new Map<Value, Value>();
    for (const [i, source] of cone.sources.entries()) {
      const what = template.sources[packing.cone]?.[i] as Bundle["sources"][number][number];
      if ("leaf" in what) {
        const leaf = packings.find((other) => other.group === packing.group && other.cone === what.leaf) as Packing;
        vectors.set(source, leaf.input);
      } else {
        const parts = packing.group.map((bundle) => flat(emit(bundle.outside[what.outside] as Value)));
        vectors.set(source, first(builder.node("concat", parts, { axis: 0 }, "pack")));
      }
    }
    const build = (value: Value): Value => {
      const known = vectors.get(value);
      if (known !== undefined) return known;
      if (value.shape.length === 0) return emit(value);
      const node = producers.get(value);
      if (!inCone(node, cone.output)) throw new Error("packState: a source of a cone is missing");
      const made = first(builder.node(node.op, node.inputs.map(build), node.attributes as never, node.path));
      vectors.set(value, made);
      return made;
    };
    const result = build(cone.output);
    computed.set(packing, result);
    return result;
  };

  const outputs: Named[] = [];
  for (const { name, value } of graph.outputs) if (!packedAt.has(value)) outputs.push({ name, value: emit(value) });
  for (const packing of packings) outputs.push({ name: roleName("packed", packing.pack.name), value: packedValue(packing) });
  return { graph: builder.finish(outputs), packs: packings.map((packing) => packing.pack) };
};
