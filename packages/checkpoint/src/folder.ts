import { join } from "node:path";
import { type Disk, nodeDisk } from "./disk.ts";

/** Folders of a run that hold states by step: checkpoints to go on from, and steps recorded to be computed again. */
export type StepsFolder = "checkpoints" | "flight";

/** The folder of a run's checkpoints, or of its recorded steps. */
export const checkpointsFolder = (runDir: string, folder: StepsFolder = "checkpoints"): string => join(runDir, folder);

/** `step-000120`: the name of a step's folder. */
export const stepName = (step: number): string => `step-${String(step).padStart(6, "0")}`;

const stepPattern = /^step-(\d{6,})$/;
const leftoverPattern = /^(step-\d{6,})\.(partial|replaced)$/;

/** The steps of the checkpoints in a run folder, newest first; whether they are whole is not looked at. */
export const stepsIn = async (runDir: string, disk: Disk = nodeDisk, folder?: StepsFolder): Promise<readonly number[]> => {
  const names = await disk.list(checkpointsFolder(runDir, folder));
  const steps = names.flatMap((name) => stepPattern.exec(name)?.[1] ?? []).map(Number);
  return steps.filter((step) => Number.isSafeInteger(step)).sort((a, b) => b - a);
};

/**
 * Puts the folder right after a crash: what was half written or half removed goes, and a checkpoint that was set aside to be
 * replaced comes back where its successor never arrived. Only for the holder of the run's lock.
 */
export const cleanLeftovers = async (runDir: string, disk: Disk = nodeDisk, which?: StepsFolder): Promise<void> => {
  const folder = checkpointsFolder(runDir, which);
  const names = await disk.list(folder);
  for (const name of names) {
    const [, step, state] = leftoverPattern.exec(name) ?? [];
    if (step === undefined) continue;
    if (state === "replaced" && !names.includes(step)) await disk.rename(join(folder, name), join(folder, step));
    else await disk.remove(join(folder, name));
  }
};

/** Takes a checkpoint away so that a crash on the way leaves a leftover, never a folder that looks like a checkpoint. */
export const removeStep = async (runDir: string, step: number, disk: Disk = nodeDisk, folder?: StepsFolder): Promise<void> => {
  const path = join(checkpointsFolder(runDir, folder), stepName(step));
  await disk.remove(`${path}.partial`);
  await disk.rename(path, `${path}.partial`);
  await disk.remove(`${path}.partial`);
};
