import { checkOption, type HostArray, type HostTree, leaves, sizeOf } from "@twinview/core";
import type { Compiled } from "./compile.ts";
import { roleOf } from "./roles.ts";

/** A place in a session's memory: which buffer, and from which number on. */
export interface Spot {
  readonly buffer: number;
  readonly offset: number;
}

/** How a session's state lies in memory. */
export interface Layout {
  /** Lengths of the buffers, in numbers. */
  readonly sizes: readonly number[];
  /** Whether a program writes to the buffer, so that it needs a second copy. */
  readonly written: readonly boolean[];
  readonly leaf: (path: string) => Spot;
  readonly pack: (name: string) => Spot;
  /** The buffers filled from a state. */
  readonly initial: (state: HostTree) => readonly Float32Array[];
}

/**
 * One buffer a pack and one for every other leaf.
 * @throws Error if two programs write state: they would have to agree on the packs.
 * @throws ShapeError if a leaf of the state is not float32.
 */
export const layoutOf = (state: HostTree, programs: readonly Pick<Compiled, "graph" | "packs">[]): Layout => {
  const writesState = ({ graph }: Pick<Compiled, "graph">): boolean =>
    graph.outputs.some(({ name }) => ["write", "packed"].includes(roleOf(name).kind));
  const writers = programs.filter(writesState);
  if (writers.length > 1) throw new Error("layoutOf: only one program of a session may write state");
  const packs = writers[0]?.packs ?? [];
  const named = leaves<HostArray>(state);
  for (const [path, { dtype }] of named) checkOption("layoutOf", `the type of state at ${path}`, dtype, dtype === "float32", "float32");
  const packed = new Map(packs.flatMap((pack, buffer) => pack.leaves.map((leaf) => [leaf.path, { buffer, offset: leaf.offset }] as const)));
  const alone = named.filter(([path]) => !packed.has(path));
  const spots = new Map<string, Spot>([
    ...packed,
    ...alone.map(([path], i): [string, Spot] => [path, { buffer: packs.length + i, offset: 0 }]),
  ]);
  const sizes = [...packs.map((pack) => pack.size), ...alone.map(([, leaf]) => sizeOf(leaf.shape))];
  const writes = new Set(
    (writers[0]?.graph.outputs ?? []).flatMap(({ name }) => (roleOf(name).kind === "write" ? [name.slice("write:".length)] : [])),
  );
  return {
    sizes,
    written: [...packs.map(() => true), ...alone.map(([path]) => writes.has(path))],
    leaf: (path) => {
      const spot = spots.get(path);
      if (spot === undefined) throw new Error(`layoutOf: no state at ${path}`);
      return spot;
    },
    pack: (name) => ({ buffer: packs.findIndex((pack) => pack.name === name), offset: 0 }),
    initial: (values) => {
      const buffers = sizes.map((size) => new Float32Array(size));
      for (const [path, leaf] of leaves<HostArray>(values)) {
        const { buffer, offset } = spots.get(path) as Spot;
        (buffers[buffer] as Float32Array).set(leaf.data as Float32Array, offset);
      }
      return buffers;
    },
  };
};
