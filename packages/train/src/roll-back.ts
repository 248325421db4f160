import { join } from "node:path";
import { type Checkpoint, checkpointsFolder, loadCheckpoint, removeStep, saveCheckpoint, stepName, stepsIn } from "@twinview/checkpoint";
import { decode, type Json, orThrow, unwrap } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import type { Fault } from "./loop.ts";
import { mostInARow } from "./on-non-finite.ts";
import { progressCodec, type RunProgress } from "./progress-state.ts";

export interface RollBackOptions {
  readonly runDir: string;
  /** Regular checkpoints are those at multiples of this. */
  readonly everySteps: number;
  readonly fault: Pick<Fault, "step" | "tensors">;
  /** Time spent training so far, that of the steps that are given up included. */
  readonly seconds: number;
}

/** The progress in a checkpoint. Throws a user error where it is none. */
export const progressIn = ({ path, progress }: Pick<Checkpoint, "path" | "progress">): RunProgress =>
  orThrow(decode(progressCodec, progress, `${path}/progress.json`));

const newestRegular = async (steps: readonly number[], { runDir, everySteps, fault }: RollBackOptions): Promise<Checkpoint | undefined> => {
  for (const step of steps.filter((each) => each <= fault.step && each % everySteps === 0)) {
    const loaded = await loadCheckpoint(join(checkpointsFolder(runDir), stepName(step)))();
    if (E.isRight(loaded)) return loaded.right;
  }
  return undefined;
};

/**
 * Takes a run back to its newest good regular checkpoint, which learns of the step that was not finite: whoever opens the run then goes
 * on from there, past the batches up to that step's. Gives the step that runs next, or nothing, with all as it was, where there is no
 * such checkpoint or the run has been back to it five times.
 *
 * Checkpoints of the steps that are given up go first. A process that is killed in between leaves the old checkpoint and comes by the
 * same step again, or leaves the new one: the run that follows is the same.
 */
export const rollBack = async (options: RollBackOptions): Promise<number | undefined> => {
  const { runDir, fault, seconds } = options;
  const steps = await stepsIn(runDir);
  const checkpoint = await newestRegular(steps, options);
  if (checkpoint === undefined) return undefined;
  const { step: to, groups } = checkpoint;
  const before = progressIn(checkpoint);
  const { rollBacks = [], nonFinite } = before;
  if (rollBacks.filter((each) => each.to === to).length >= mostInARow) return undefined;
  for (const step of steps) if (step > to) await removeStep(runDir, step);
  const entry = { from: fault.step, to, tensors: fault.tensors };
  const progress: RunProgress = { ...before, nonFinite: nonFinite + 1, rollBacks: [...rollBacks, entry], seconds };
  await unwrap(saveCheckpoint({ runDir, step: to, groups, progress: progressCodec.encode(progress) as Json }));
  return to;
};
