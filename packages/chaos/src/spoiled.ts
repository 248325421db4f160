import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkpointsFolder, stepName } from "@twinview/checkpoint";
import { type Ended, start, stepsTold } from "./command.ts";
import type { Ground } from "./ground.ts";
import { difference, everySteps, hashOf, newRun, saidBy, steps, traceOf, training } from "./small-run.ts";

/** Every file below a folder and the SHA-256 of its content. */
export const contentOf = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = paths.sort().map(async (path) => [path.slice(folder.length), await hashOf(path)] as const);
  return new Map(await Promise.all(hashes));
};

/** A run that was killed after its first checkpoint, which stands beside it as a copy of the folder. */
export const runWithCheckpoint = async (ground: Ground, name: string): Promise<{ readonly run: string; readonly copy: string }> => {
  await ground.whole();
  const run = await newRun(ground, name);
  const ended = await start(training(ground, run), {
    onTold: ({ kind }, running) => {
      if (kind === "checkpoint") running.kill("SIGKILL");
    },
  }).ended;
  if (ended.signal !== "SIGKILL") throw new Error(`it should have been killed after its checkpoint: ${saidBy(ended)}`);
  const copy = `${run}-before`;
  await cp(run, copy, { recursive: true });
  return { run, copy };
};

/** The first checkpoint of the small run, in one of its folders. */
const firstCheckpoint = (run: string): string => join(checkpointsFolder(run), stepName(everySteps));

/** What is wrong with the checkpoint that was there before; nothing where it is as it was. */
export const changedCheckpoint = async (run: string, copy: string): Promise<readonly string[]> => {
  const [before, now] = [await contentOf(firstCheckpoint(copy)), await contentOf(firstCheckpoint(run))];
  const odd = [...before].find(([path, hash]) => now.get(path) !== hash);
  return odd === undefined && before.size > 0 ? [] : [`the checkpoint that was there before has changed: ${odd?.[0]}`];
};

/** What is wrong with a run that could not save: it must have gone on to its last step, told that it could not, and ended with 2 and `why`. */
export const endedUnsaved = (ended: Ended, why: RegExp): readonly string[] => {
  const last = Math.max(-1, ...stepsTold(ended, "step"));
  const warned = ended.told.some(({ kind, text }) => kind === "warning" && text?.includes("training goes on"));
  return [
    ...(ended.code === 2 && why.test(ended.error) ? [] : [saidBy(ended)]),
    ...(last === steps - 1 ? [] : [`it stopped at step ${last + 1} of ${steps}`]),
    ...(warned ? [] : ["it did not tell that a checkpoint is missing"]),
  ];
};

/** What is wrong with a run after it was started again without the fault. */
export const endedSame = async (ground: Ground, ended: Ended, run: string): Promise<readonly string[]> => {
  if (ended.code !== 0) return [`started again: ${saidBy(ended)}`];
  const differs = difference(await traceOf(run), await ground.whole());
  return differs === undefined ? [] : [differs];
};
