import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { posix } from "node:path";
import { memoryGroups } from "@twinview/train";

/** A group of processes whose memory is limited. */
export interface MemoryGroup {
  /** A command before a command that puts it into the group. */
  readonly prefix: readonly string[];
  readonly remove: () => Promise<void>;
}

const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

const groupAt = async (folder: string, settings: readonly (readonly [string, string])[]): Promise<MemoryGroup> => {
  await mkdir(folder);
  const remove = async (): Promise<void> => {
    // the group can only go when its last process has been buried
    for (let patience = 50; patience > 0; patience--) {
      const gone = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (gone) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  try {
    for (const [file, value] of settings) await writeFile(posix.join(folder, file), value);
    return { prefix: ["sh", "-c", enter, folder], remove };
  } catch (error) {
    await remove();
    throw error;
  }
};

/**
 * Makes a control group below that of this process whose processes may take so many bytes together; undefined where this process may
 * not: no Linux, or a user to whom no group was given.
 */
export const memoryGroup = async (bytes: number): Promise<MemoryGroup | undefined> => {
  const own = memoryGroups().at(-1); // version 1 where both are there: it has the memory then
  if (own === undefined) return undefined;
  const swap = own.limit === "memory.max" ? "memory.swap.max" : "memory.swappiness";
  const settings = [
    [own.limit, String(Math.round(bytes))],
    [swap, "0"],
  ] as const;
  return groupAt(posix.join(own.base, own.path, `twinview-${process.pid}`), settings).catch(() => undefined);
};
