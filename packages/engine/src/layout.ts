import { checkOption, type HostArray, type HostTree, leaves, sizeOf } from "@twinview/core";
import type { Compiled } from "./compile.ts";
import type { MemoryLeaf } from "./memory.ts";
import { writtenBy } from "./roles.ts";

/** A place in a session's memory: which buffer, and from which number on. */
export interface Spot {
  readonly buffer: number;
  readonly offset: number;
}

/** How what a session keeps lies in memory. */
export interface Layout {
  /** Lengths of the buffers, in numbers. */
  readonly sizes: readonly number[];
  /** Whether a program writes to the buffer, so that it needs a second copy. */
  readonly written: readonly boolean[];
  readonly leaf: (path: string) => Spot;
  /** The buffers that hold leaves of a state, filled from it. */
  readonly initial: (state: HostTree) => ReadonlyMap<number, Float32Array>;
}

type Writer = Pick<Compiled, "graph" | "packs">;

/** The leaves a program writes, in packs or one by one. */
const writesOf = ({ graph, packs }: Writer): readonly string[] => [
  ...packs.flatMap((pack) => pack.leaves.map(({ path }) => path)),
  ...writtenBy(graph),
];

/**
 * One buffer a pack and one for every other leaf: a run replaces whole buffers, so a leaf that several programs write must not lie
 * in a pack (compileAll sees to it).
 * @throws Error if a leaf in a pack has a second writer.
 * @throws ShapeError if a leaf is not float32.
 */
export const layoutOf = (memory: readonly MemoryLeaf[], programs: readonly Writer[]): Layout => {
  for (const { path, dtype } of memory) checkOption("layoutOf", `the type of state at ${path}`, dtype, dtype === "float32", "float32");
  const packs = programs.flatMap((program) => program.packs);
  const writes = programs.flatMap(writesOf);
  const spots = new Map<string, Spot>(
    packs.flatMap((pack, buffer) => pack.leaves.map(({ path, offset }) => [path, { buffer, offset }] as const)),
  );
  const twice = writes.find((path, i) => spots.has(path) && writes.indexOf(path) !== i);
  if (twice !== undefined) throw new Error(`layoutOf: ${twice} lies in a pack and has more than one writer`);
  const alone = memory.filter(({ path }) => !spots.has(path));
  for (const [i, { path }] of alone.entries()) spots.set(path, { buffer: packs.length + i, offset: 0 });
  const sizes = [...packs.map((pack) => pack.size), ...alone.map(({ shape }) => sizeOf(shape))];
  const written = new Set(writes);
  const leaf = (path: string): Spot => {
    const spot = spots.get(path);
    if (spot === undefined) throw new Error(`layoutOf: no state at ${path}`);
    return spot;
  };
  return {
    sizes,
    written: [...packs.map(() => true), ...alone.map(({ path }) => written.has(path))],
    leaf,
    initial: (state) => {
      const buffers = new Map<number, Float32Array>();
      for (const [path, { data }] of leaves<HostArray>(state)) {
        const { buffer, offset } = leaf(path);
        const target = buffers.get(buffer) ?? new Float32Array(sizes[buffer] as number);
        target.set(data as Float32Array, offset);
        buffers.set(buffer, target);
      }
      return buffers;
    },
  };
};
