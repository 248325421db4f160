import { nodeDisk } from "@twinview/checkpoint";
import { failure, type UserError, userError } from "@twinview/config";
import { type HostArray, type HostTree, leaves } from "@twinview/core";
import { memory } from "./progress-line.ts";

/** Checkpoints that must fit: the last one stays until the next one is whole. */
const checkpoints = 2;

/** What is wrong with the room on a disk for the checkpoints of a state; undefined where they fit. */
export const roomProblem = (runDir: string, state: HostTree, freeBytes: number): UserError | undefined => {
  const bytes = leaves<HostArray>(state).reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  if (freeBytes >= checkpoints * bytes) return undefined;
  return userError("file", "there is too little room on the disk for checkpoints", {
    where: runDir,
    got: `${memory(freeBytes)} free`,
    expected: `at least ${memory(checkpoints * bytes)}: a checkpoint takes ${memory(bytes)}, and the last one stays until the next one is whole`,
    fix: "free some space or choose another folder with --out",
  });
};

/**
 * Looks before a run starts whether its checkpoints will fit. A new run is refused by a user error that is thrown; a run that goes on
 * is only warned: what it cannot save it tells each time, and the disk may have room by then.
 */
export const checkRoom = async (
  runDir: string,
  state: HostTree,
  { isNew, warn }: { readonly isNew: boolean; readonly warn: (text: string) => void },
): Promise<void> => {
  const free = await nodeDisk.freeBytes(runDir).catch(() => Number.POSITIVE_INFINITY); // a file system that does not tell
  const problem = roomProblem(runDir, state, free);
  if (problem === undefined) return;
  if (isNew) throw failure(problem);
  warn(`${problem.what}: ${problem.got}, ${problem.expected}`);
};
