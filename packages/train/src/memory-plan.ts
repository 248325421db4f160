import { type HostTree, leaves, sizeOf } from "@twinview/core";
import { type Compiled, layoutOf, memoryOf, memoryOfSession, type Scratch, type Shaped } from "@twinview/engine";

/** Where the memory of the computing process goes, in bytes. */
export interface MemoryPlan {
  /** Node, onnxruntime, code. */
  readonly runtime: number;
  /** Parameters, optimizer, averages, sums of gradients: what is written, in two copies, and once more while it is sent over. */
  readonly state: number;
  /** Activations and other values on the way, by program. */
  readonly programs: Readonly<Record<string, number>>;
  readonly total: number;
}

/** A process with onnxruntime loaded, 140 MiB on Linux, and the rounding of its arenas. */
const runtimeBytes = 200 * 2 ** 20;

/** What freed pieces that fit nothing else add to an arena, where each value is taken as it is needed. */
const spread = 1.15;
/** What the runtime lays out beside the values of convolutions. */
const columns = 1.3;

/** Numbers of a tree. */
export const numbersIn = (tree: Scratch | HostTree): number =>
  leaves<Shaped>(tree as Scratch).reduce((sum, [, leaf]) => sum + sizeOf(leaf.shape), 0);

/** Numbers that some program of a session writes; they are kept twice. */
const writtenNumbers = (state: HostTree, scratch: Scratch, programs: readonly Compiled[]): number => {
  const { sizes, written } = layoutOf(memoryOfSession(state, scratch), programs);
  return sizes.reduce((sum, size, buffer) => sum + (written[buffer] ? size : 0), 0);
};

/**
 * The memory of a session's process from its graphs: what it keeps, and for each program the most that is alive at once. Each program
 * keeps its arena between runs. Where memory is not held down, the second run of a program lays its values out in one block, while
 * what the first run took stays: twice as much. The two factors are measured: test/src/memory-plan.long.ts.
 */
export const memoryPlan = (session: {
  readonly state: HostTree;
  readonly scratch: Scratch;
  readonly compact: boolean;
  readonly programs: Readonly<Record<string, Compiled>>;
}): MemoryPlan => {
  const { state, scratch, compact, programs } = session;
  const state4 = 4 * (2 * numbersIn(state) + numbersIn(scratch) + writtenNumbers(state, scratch, Object.values(programs)));
  const each = Object.entries(programs).map(([name, { graph }]): [string, number] => {
    const { constants, peakIntermediates } = memoryOf(graph);
    const convolves = graph.nodes.some(({ op }) => op === "convolution");
    return [name, constants + (compact ? spread : 2) * (convolves ? columns : 1) * peakIntermediates];
  });
  const total = runtimeBytes + state4 + each.reduce((sum, [, bytes]) => sum + bytes, 0);
  return { runtime: runtimeBytes, state: state4, programs: Object.fromEntries(each), total };
};
