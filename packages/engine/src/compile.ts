import { concat, type HostArray, type HostTree, leaves, mapTree, reshape, type Tensor, type Tree } from "@twinview/core";
import type { Program } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { optimize } from "./passes/optimize.ts";
import { type InputSpec, trace } from "./trace.ts";

/** A compiled program: its graph, with names that say what feeds it and where its outputs go. */
export interface Compiled {
  readonly graph: Graph;
  /** Scalar float outputs, in their order inside the output named `scalars`; empty when there are none. */
  readonly scalars: readonly string[];
  /** Other outputs, each an output of the graph named `output:<name>`. */
  readonly arrays: readonly string[];
}

const statePrefix = "state:";
const inputPrefix = "input:";
const writePrefix = "write:";
const outputPrefix = "output:";

/** What a graph's input or output stands for. */
export const role = (
  name: string,
): { readonly kind: "state" | "input" | "write" | "output" | "scalars" | "pack"; readonly name: string } => {
  const kinds = [
    [statePrefix, "state"],
    [inputPrefix, "input"],
    [writePrefix, "write"],
    [outputPrefix, "output"],
    ["pack:", "pack"],
  ] as const;
  const found = kinds.find(([prefix]) => name.startsWith(prefix));
  return found ? { kind: found[1], name: name.slice(found[0].length) } : { kind: "scalars", name };
};

const isScalar = (x: Tensor): boolean => x.shape.length === 0 && x.dtype === "float32";

/** Traces a program against a state and optimises the graph. State that the program hands through unchanged is not written. */
export const compile = (program: Program, state: HostTree): Compiled => {
  const stateSpecs = leaves<HostArray>(state).map(([path, leaf]): [string, InputSpec] => [
    statePrefix + path,
    { shape: leaf.shape, dtype: leaf.dtype },
  ]);
  const inputSpecs = Object.entries(program.inputs).map(([name, spec]): [string, InputSpec] => [inputPrefix + name, spec]);
  let scalars: string[] = [];
  let arrays: string[] = [];
  const graph = trace(Object.fromEntries([...stateSpecs, ...inputSpecs]), (tensors) => {
    const before = mapTree<HostArray, Tensor>((_, path) => tensors[statePrefix + path] as Tensor, state);
    const inputs = Object.fromEntries(Object.keys(program.inputs).map((name) => [name, tensors[inputPrefix + name] as Tensor]));
    const { state: after, outputs } = program.run({ state: before, inputs });
    const written =
      after === undefined ? [] : leaves<Tensor>(matched(state, after)).map(([path, leaf]) => [writePrefix + path, leaf] as const);
    scalars = Object.keys(outputs).filter((name) => isScalar(outputs[name] as Tensor));
    arrays = Object.keys(outputs).filter((name) => !scalars.includes(name));
    const packed =
      scalars.length === 0
        ? []
        : [
            [
              "scalars",
              concat(
                scalars.map((name) => reshape(outputs[name] as Tensor, [1])),
                0,
              ),
            ] as const,
          ];
    return Object.fromEntries([...written, ...packed, ...arrays.map((name) => [outputPrefix + name, outputs[name] as Tensor] as const)]);
  });
  const reads = new Map(graph.inputs.map(({ name, value }) => [name.replace(statePrefix, writePrefix), value]));
  const changed = graph.outputs.filter(({ name, value }) => reads.get(name) !== value);
  return { graph: optimize({ ...graph, outputs: changed }), scalars, arrays };
};

/** The new state, checked against the old one's structure. */
const matched = (before: HostTree, after: Tree<Tensor>): Tree<Tensor> =>
  mapTree<HostArray | Tensor, Tensor>((_, __, leaf) => leaf as Tensor, before, after as Tree<HostArray | Tensor>);
