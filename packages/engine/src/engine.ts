import type { HostArray, HostTree, Tensor, Tree } from "@twinview/core";
import type { Scratch } from "./memory.ts";
import type { NonFinite } from "./non-finite.ts";
import type { InputSpec } from "./trace.ts";

/** A pure function over what a session keeps and some inputs; what an engine compiles. */
export interface Program {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly run: (args: {
    readonly state: Tree<Tensor>;
    /** Working memory as the programs before left it; null in a session without any. */
    readonly scratch: Tree<Tensor>;
    readonly inputs: Readonly<Record<string, Tensor>>;
  }) => {
    /** The state after the run, of the same structure; absent when the program does not write it. */
    readonly state?: Tree<Tensor>;
    /** Working memory after the run, of the same structure; absent when the program does not write it. */
    readonly scratch?: Tree<Tensor>;
    readonly outputs: Readonly<Record<string, Tensor>>;
  };
}

export interface RunResult {
  readonly outputs: Readonly<Record<string, HostArray>>;
  /**
   * Whether what the program wrote was taken over. A run of which a scalar, fed or given out, is NaN or infinite leaves state and
   * working memory as they were: training stops before the update, not after it.
   */
  readonly committed: boolean;
  /** Time inside the engine, without transfers. */
  readonly seconds: number;
  /** The largest resident memory of the process that computes, so far. */
  readonly peakRssBytes: number;
}

/** State that lives in an engine, and the programs compiled against it. */
export interface Session<N extends string = string> {
  /** @throws ShapeError, as a rejection, for a name that is no program's and for inputs that are not those of the program. */
  readonly run: (program: N, inputs: Readonly<Record<string, HostArray>>) => Promise<RunResult>;
  /**
   * Which values inside a program are not finite for these inputs and the state and working memory as they are now, in the order they
   * are computed in; nothing is written. Only in engines that have the program as a graph.
   */
  readonly nonFinite?: (program: N, inputs: Readonly<Record<string, HostArray>>) => Promise<readonly NonFinite[]>;
  /** A copy of the state. */
  readonly read: () => Promise<HostTree>;
  readonly close: () => Promise<void>;
}

export interface OpenOptions<N extends string> {
  readonly state: HostTree;
  /**
   * Working memory that programs hand to each other beside the state, zeros at first: sums that grow from run to run. It is never
   * read out; what must outlive the session belongs into the state.
   */
  readonly scratch?: Scratch;
  /** Any of them may write; each writes only the leaves that it does not hand through unchanged. */
  readonly programs: Readonly<Record<N, Program>>;
  /** Threads of the computation; the engine's own choice when absent. */
  readonly threads?: number | undefined;
  /**
   * Whether to take memory as operations need it instead of one block for a whole run: about 40 % less at the peak, a few percent
   * slower (docs/engine.md). For programs whose size is bounded by memory; off when absent.
   */
  readonly compact?: boolean;
}

/** Something that runs programs. All engines give equal numbers to rounding; a conformance suite holds them to it. */
export interface Engine {
  readonly name: string;
  readonly open: <const N extends string>(options: OpenOptions<N>) => Promise<Session<N>>;
}
