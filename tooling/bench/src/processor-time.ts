import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** Fields of /proc/PID/stat behind the name, which may hold blanks; undefined where the process is gone. */
const statOf = (pid: number): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
};

/** A process and all below it, by their ids. */
const familyOf = (root: number): readonly number[] => {
  const parents = readdirSync("/proc").flatMap((name): [number, number][] => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    return stat === undefined ? [] : [[Number(name), Number(stat[1])]];
  });
  const below = (pid: number): readonly number[] => [pid, ...parents.flatMap(([child, parent]) => (parent === pid ? below(child) : []))];
  return below(root);
};

/**
 * Processor seconds that a process and all below it have used, in all their threads, to a hundredth of a second.
 * Linux only: elsewhere there is no /proc.
 */
export const processorSeconds = (root: number): number =>
  familyOf(root).reduce((total, pid) => {
    const stat = statOf(pid);
    return total + (stat === undefined ? 0 : (Number(stat[11]) + Number(stat[12])) / ticksPerSecond);
  }, 0);
