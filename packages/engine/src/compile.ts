import { concat, type HostArray, type HostTree, leaves, mapTree, reshape, type Tensor, type Tree } from "@twinview/core";
import type { Program } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { optimize } from "./passes/optimize.ts";
import { type Pack, packState } from "./passes/pack-state.ts";
import { roleName, roleOf, scalarsName } from "./roles.ts";
import { type InputSpec, trace } from "./trace.ts";

/** A compiled program: its graph, with names that say what feeds it and where its outputs go. */
export interface Compiled {
  readonly graph: Graph;
  /** State that the program updates in vectors. */
  readonly packs: readonly Pack[];
  /** Scalar float outputs, in their order inside the output named `scalars`; empty when there are none. */
  readonly scalars: readonly string[];
  /** Other outputs, each an output of the graph named `output:<name>`. */
  readonly arrays: readonly string[];
}

const isScalar = (x: Tensor): boolean => x.shape.length === 0 && x.dtype === "float32";

/** Traces a program against a state and optimises the graph. State that the program hands through unchanged is not written. */
export const compile = (program: Program, state: HostTree): Compiled => {
  const stateSpecs = leaves<HostArray>(state).map(([path, leaf]): [string, InputSpec] => [
    roleName("state", path),
    { shape: leaf.shape, dtype: leaf.dtype },
  ]);
  const inputSpecs = Object.entries(program.inputs).map(([name, spec]): [string, InputSpec] => [roleName("input", name), spec]);
  let scalars: string[] = [];
  let arrays: string[] = [];
  const graph = trace(Object.fromEntries([...stateSpecs, ...inputSpecs]), (tensors) => {
    const before = mapTree<HostArray, Tensor>((_, path) => tensors[roleName("state", path)] as Tensor, state);
    const inputs = Object.fromEntries(Object.keys(program.inputs).map((name) => [name, tensors[roleName("input", name)] as Tensor]));
    const { state: after, outputs } = program.run({ state: before, inputs });
    const written =
      after === undefined ? [] : leaves<Tensor>(matched(state, after)).map(([path, leaf]) => [roleName("write", path), leaf] as const);
    scalars = Object.keys(outputs).filter((name) => isScalar(outputs[name] as Tensor));
    arrays = Object.keys(outputs).filter((name) => !scalars.includes(name));
    const packed =
      scalars.length === 0
        ? []
        : [
            [
              scalarsName,
              concat(
                scalars.map((name) => reshape(outputs[name] as Tensor, [1])),
                0,
              ),
            ] as const,
          ];
    return Object.fromEntries([
      ...written,
      ...packed,
      ...arrays.map((name) => [roleName("output", name), outputs[name] as Tensor] as const),
    ]);
  });
  const reads = new Map(graph.inputs.map(({ name, value }) => [name, value]));
  const changed = graph.outputs.filter(({ name, value }) => {
    const role = roleOf(name);
    return role.kind !== "write" || reads.get(roleName("state", role.name)) !== value;
  });
  return { ...packState(optimize({ ...graph, outputs: changed })), scalars, arrays };
};

/** The new state, checked against the old one's structure. */
const matched = (before: HostTree, after: Tree<Tensor>): Tree<Tensor> =>
  mapTree<HostArray | Tensor, Tensor>((_, __, leaf) => leaf as Tensor, before, after as Tree<HostArray | Tensor>);
