import { type Checkpoint, latestCheckpoint } from "@twinview/checkpoint";
import { failure, orThrow, unwrap, userError } from "@twinview/config";
import { type App, type PlannedRun, type StoredRun, storedRun } from "@twinview/train";
import { readWeightFile, type WeightFile } from "./import-encoder.ts";

/** A run's folder, read: what was trained, and its newest whole checkpoint. */
export interface OpenedRun {
  readonly stored: StoredRun;
  readonly run: PlannedRun;
  readonly checkpoint: Checkpoint;
  /** Weights from elsewhere for the run's architecture, where they were asked for. */
  readonly file?: WeightFile | undefined;
  /** A line for each newer checkpoint that had to be passed over. */
  readonly warnings: readonly string[];
}

/** The number of training images decides the length of a run's schedules only: when a finished run is read, any number will do. */
const anyNumberOfImages = 2 ** 31;

/**
 * Reads a run without its data, and a file of weights for its architecture where one is named. Throws a user error where there is no
 * run, no checkpoint, none that is whole, or no such file.
 */
export const openRun = async (apps: Readonly<Record<string, App>>, runDir: string, weights?: string): Promise<OpenedRun> => {
  const stored = await storedRun(apps, runDir);
  const run = orThrow(stored.app.restore(stored.config, stored.configPath, anyNumberOfImages));
  const { checkpoint, warnings } = await unwrap(latestCheckpoint(runDir));
  if (checkpoint === undefined)
    throw failure(
      userError("checkpoint", "this run has no checkpoint yet", {
        where: runDir,
        fix: `twinview resume ${runDir} trains it further`,
      }),
    );
  const file = weights === undefined ? undefined : await readWeightFile(weights);
  return { stored, run, checkpoint, warnings, file };
};
