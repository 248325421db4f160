import type { HostArray } from "@twinview/core";
import type { Program, Scratch, Session } from "@twinview/engine";

/** What one step is fed. */
export interface StepFeed {
  /** The pixels of the batch, bytes `[B, S, S, 3]`, one array for each view. */
  readonly views: readonly Uint8Array[];
  /** The scheduled scalars. */
  readonly hyper: Readonly<Record<string, number>>;
  /** What the experiment's steps read beside them. */
  readonly given?: Readonly<Record<string, HostArray>> | undefined;
  /** Asked between runs of programs: whether to break the step off; never when absent. */
  readonly shouldStop?: () => boolean;
}

/** What one step gave, or how far it came. */
export interface StepRun {
  /** Whether the step was taken: the state is the one after it. */
  readonly committed: boolean;
  /** The numbers it measured, by name; where it was not taken, those up to the ones that are not finite. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Time inside the engine. */
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** How an experiment's steps are run: programs for a session, the working memory they need, and the order they are run in. */
export interface StepRunner {
  readonly programs: Readonly<Record<string, Program>>;
  readonly scratch: Scratch;
  /** Whether the session should hold memory down at the cost of a little speed. */
  readonly compact: boolean;
  /** How often a step runs each program. */
  readonly runs: Readonly<Record<string, number>>;
  /** One step; undefined where it was broken off, with the state as it was. */
  readonly run: (session: Session, feed: StepFeed) => Promise<StepRun | undefined>;
}
