import { type HostArray, type HostTree, leaves, sizeOf } from "@twinview/core";
import { role } from "./compile.ts";
import type { Graph } from "./graph.ts";

/** How a session's state lies in memory: which buffer holds each leaf, and where. */
export interface Layout {
  /** Lengths of the buffers, in numbers. */
  readonly sizes: readonly number[];
  /** Whether a program writes to the buffer, so that it needs a second copy. */
  readonly written: readonly boolean[];
  readonly place: (name: string) => { readonly buffer: number; readonly offset: number };
  /** The buffers filled from a state. */
  readonly initial: (state: HostTree) => readonly Float32Array[];
}

/** One buffer a leaf. Programs that write must agree on what they write, which they do when only one of them does. */
export const layoutOf = (state: HostTree, graphs: readonly Graph[]): Layout => {
  const named = leaves<HostArray>(state);
  const index = new Map(named.map(([path], i) => [path, i]));
  const writes = new Set(
    graphs.flatMap((graph) => graph.outputs.flatMap(({ name }) => (role(name).kind === "write" ? [role(name).name] : []))),
  );
  return {
    sizes: named.map(([, leaf]) => sizeOf(leaf.shape)),
    written: named.map(([path]) => writes.has(path)),
    place: (name) => {
      const buffer = index.get(name);
      if (buffer === undefined) throw new Error(`layout: no state at ${name}`);
      return { buffer, offset: 0 };
    },
    initial: (values) => leaves<HostArray>(values).map(([, leaf]) => leaf.data as Float32Array),
  };
};
