import { concat, type HostArray, type HostTree, leaves, mapTree, reshape, type Tensor, type Tree } from "@twinview/core";
import type { Program } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { memoryOfSession, type Scratch, type Shaped, scratchPath } from "./memory.ts";
import { optimize } from "./passes/optimize.ts";
import { type Pack, packState } from "./passes/pack-state.ts";
import { roleName, roleOf, scalarsName, writtenBy } from "./roles.ts";
import { type InputSpec, trace } from "./trace.ts";

/** A compiled program: its graph, with names that say what feeds it and where its outputs go. */
export interface Compiled {
  readonly graph: Graph;
  /** Leaves that the program updates in vectors. */
  readonly packs: readonly Pack[];
  /** Scalar float outputs, in their order inside the output named `scalars`; empty when there are none. */
  readonly scalars: readonly string[];
  /** Other outputs, each an output of the graph named `output:<name>`. */
  readonly arrays: readonly string[];
}

const isScalar = (x: Tensor): boolean => x.shape.length === 0 && x.dtype === "float32";

/** A program as a graph, before its state is packed. */
export type Traced = Omit<Compiled, "packs">;

/** The leaves a program writes to one tree, under the paths they have in memory. */
const writes = (
  before: Tree<Shaped>,
  after: Tree<Tensor> | undefined,
  pathOf: (path: string) => string,
): readonly (readonly [string, Tensor])[] =>
  after === undefined ? [] : leaves<Tensor>(matched(before, after)).map(([path, leaf]) => [roleName("write", pathOf(path)), leaf] as const);

/** Traces a program and optimises the graph. Leaves that the program hands through unchanged are not written. */
export const traced = (program: Program, state: HostTree, scratch: Scratch): Traced => {
  const memory = memoryOfSession(state, scratch).map(({ path, shape, dtype }): [string, InputSpec] => [
    roleName("state", path),
    { shape, dtype },
  ]);
  const inputSpecs = Object.entries(program.inputs).map(([name, spec]): [string, InputSpec] => [roleName("input", name), spec]);
  let scalars: string[] = [];
  let arrays: string[] = [];
  const graph = trace(Object.fromEntries([...memory, ...inputSpecs]), (tensors) => {
    const leaf = (path: string): Tensor => tensors[roleName("state", path)] as Tensor;
    const before = mapTree<HostArray, Tensor>((_, path) => leaf(path), state);
    const working = mapTree<Shaped, Tensor>((_, path) => leaf(scratchPath(path)), scratch);
    const inputs = Object.fromEntries(Object.keys(program.inputs).map((name) => [name, tensors[roleName("input", name)] as Tensor]));
    const after = program.run({ state: before, scratch: working, inputs });
    const { outputs } = after;
    scalars = Object.keys(outputs).filter((name) => isScalar(outputs[name] as Tensor));
    arrays = Object.keys(outputs).filter((name) => !scalars.includes(name));
    const row = scalars.map((name) => reshape(outputs[name] as Tensor, [1]));
    return Object.fromEntries([
      ...writes(state, after.state, (path) => path),
      ...writes(scratch, after.scratch, scratchPath),
      ...(row.length === 0 ? [] : [[scalarsName, concat(row, 0)] as const]),
      ...arrays.map((name) => [roleName("output", name), outputs[name] as Tensor] as const),
    ]);
  });
  const reads = new Map(graph.inputs.map(({ name, value }) => [name, value]));
  const changed = graph.outputs.filter(({ name, value }) => {
    const role = roleOf(name);
    return role.kind !== "write" || reads.get(roleName("state", role.name)) !== value;
  });
  return { graph: optimize({ ...graph, outputs: changed }), scalars, arrays };
};

/** The new tree, checked against the old one's structure. */
const matched = (before: Tree<Shaped>, after: Tree<Tensor>): Tree<Tensor> =>
  mapTree<Shaped | Tensor, Tensor>((_, __, leaf) => leaf as Tensor, before, after as Tree<Shaped | Tensor>);

/**
 * Compiles the programs of a session. A pack belongs to one program: leaves that several programs write lie alone, so that each
 * run replaces whole buffers.
 */
export const compileAll = <N extends string>(
  programs: Readonly<Record<N, Program>>,
  state: HostTree,
  scratch: Scratch = null,
): Readonly<Record<N, Compiled>> => {
  const all = Object.entries<Program>(programs).map(([name, program]) => [name, traced(program, state, scratch)] as const);
  const writers = new Map<string, number>();
  for (const [, each] of all) for (const path of writtenBy(each.graph)) writers.set(path, (writers.get(path) ?? 0) + 1);
  const compiled = all.map(([name, each]) => [name, { ...each, ...packState(each.graph, (path) => writers.get(path) === 1) }]);
  return Object.fromEntries(compiled) as Readonly<Record<N, Compiled>>;
};

/** Compiles a program that has a session to itself. */
export const compile = (program: Program, state: HostTree, scratch: Scratch = null): Compiled =>
  compileAll({ program }, state, scratch).program;
