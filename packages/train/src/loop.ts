import type { HostArray } from "@twinview/core";
import type { Session } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { measured } from "./measured.ts";
import { runnerOf } from "./runner-of.ts";

/** Batches in step order; what the loader gives. */
export interface Batches {
  readonly stepsPerEpoch: number;
  readonly next: () => Promise<{
    readonly step: number;
    readonly epoch: number;
    readonly views: readonly Uint8Array[];
    /** What the experiment's steps read beside views and scalars. */
    readonly given?: Readonly<Record<string, HostArray>>;
  }>;
}

/** What one step gave. */
export interface StepResult {
  readonly step: number;
  /** Epochs done after this step, with fraction. */
  readonly epoch: number;
  readonly loss: number;
  readonly hyper: Readonly<Record<string, number>>;
  /** Norm of the gradient of each parameter, by path. */
  readonly gradientNorms: Readonly<Record<string, number>>;
  /** Norm of the whole gradient. */
  readonly gradientNorm: number;
  readonly embeddingStd: number;
  /** What else the step measured of itself. */
  readonly monitors: Readonly<Record<string, number>>;
  /** How far the step moved each weight matrix, as a share of its norm, by path. */
  readonly updateRatios: Readonly<Record<string, number>>;
  /** Standard deviation of each layer's output, by name. */
  readonly activations: Readonly<Record<string, number>>;
  /** Time in the engine and time spent waiting for the batch. */
  readonly computeSeconds: number;
  readonly waitSeconds: number;
  readonly peakRssBytes: number;
}

/** A step that was not taken because some of its numbers are not finite. */
export interface Fault {
  readonly step: number;
  /** Epochs done after this step, with fraction. */
  readonly epoch: number;
  /** The numbers it gave, and the names of those that are not finite. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly tensors: readonly string[];
  readonly hyper: Readonly<Record<string, number>>;
  /** The pixels that it saw; they stay as they are until the fault is dealt with. */
  readonly views: readonly Uint8Array[];
  readonly given?: Readonly<Record<string, HostArray>> | undefined;
}

/** How a loop ended. */
export type Ending =
  | { readonly kind: "finished" }
  | { readonly kind: "stopped"; readonly nextStep: number }
  | { readonly kind: "non-finite"; readonly step: number; readonly tensors: readonly string[] };

export interface LoopOptions {
  readonly experiment: Experiment;
  readonly session: Session;
  readonly batches: Batches;
  /** 0 when absent. */
  readonly firstStep?: number;
  /** Called after each step, awaited: records, evaluates, saves. */
  readonly afterStep: (result: StepResult) => Promise<void>;
  /** Asked, awaited, where a step is not finite: whether to leave it out and go on with the next one; never when absent. */
  readonly skips?: (fault: Fault) => Promise<boolean>;
  /** Asked after each step and between the programs of one: whether to stop early; never when absent. */
  readonly shouldStop?: () => boolean;
}

/**
 * Runs steps from `firstStep` to the experiment's end. A step whose loss or gradient is not finite is not taken over by the
 * engine: the loop ends there with the state of the step before, or goes on with that state and the next batch where `skips` says so.
 * A step that is broken off to stop leaves the state as it was, too.
 */
export const runLoop = async (options: LoopOptions): Promise<Ending> => {
  const { experiment, session, batches, firstStep = 0, afterStep, skips = async () => false, shouldStop = () => false } = options;
  const runner = runnerOf(experiment);
  for (let step = firstStep; step < experiment.steps; step++) {
    const asked = performance.now();
    const { views, given } = await batches.next();
    const waitSeconds = (performance.now() - asked) / 1000;
    const hyper = Object.fromEntries(Object.entries(experiment.schedules).map(([name, schedule]) => [name, schedule(step)]));
    const ran = await runner.run(session, { views, hyper, given, shouldStop });
    if (ran === undefined) return { kind: "stopped", nextStep: step };
    const { committed, scalars, seconds, peakRssBytes } = ran;
    const epoch = (step + 1) / batches.stepsPerEpoch;
    if (committed) {
      await afterStep({ step, epoch, hyper, ...measured(scalars), computeSeconds: seconds, waitSeconds, peakRssBytes });
    } else {
      const odd = (numbers: Readonly<Record<string, number>>): readonly string[] =>
        Object.keys(numbers).filter((name) => !Number.isFinite(numbers[name]));
      const tensors = [...odd(scalars), ...odd(hyper).map((name) => `schedule/${name}`)];
      const skipped = await skips({ step, epoch, scalars, tensors, hyper, views, given });
      if (!skipped) return { kind: "non-finite", step, tensors };
    }
    if (shouldStop() && step + 1 < experiment.steps) return { kind: "stopped", nextStep: step + 1 };
  }
  return { kind: "finished" };
};
