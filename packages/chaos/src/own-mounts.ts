import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { start } from "./command.ts";
import type { Ground } from "./ground.ts";

const ways = [
  ["unshare", "--mount"],
  ["unshare", "--map-root-user", "--mount"],
] as const;

/** A command before a command that gives it mounts of its own, which end with it; undefined where the system does not allow that. */
export const ownMounts = async ({ folder }: Pick<Ground, "folder">): Promise<readonly string[] | undefined> => {
  const place = join(folder, "mount");
  await mkdir(place, { recursive: true });
  for (const way of ways) {
    const { code } = await start([...way, "mount", "-t", "tmpfs", "-o", "size=1m", "none", place]).ended.catch(() => ({ code: null }));
    if (code === 0) return way;
  }
  return undefined;
};

/** Why a trial that needs mounts was not made. */
export const noMounts = "mounts are not allowed here (unshare --mount): needs Linux, and root or user namespaces";
