import { readFileSync } from "node:fs";
import { posix } from "node:path";

/** Where Linux keeps the limits of control groups, and the file that tells the group of this process. */
export interface GroupPlaces {
  readonly root: string;
  readonly own: string;
}

const places: GroupPlaces = { root: "/sys/fs/cgroup", own: "/proc/self/cgroup" };

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not Linux, or not mounted here
  }
};

const numberIn = (path: string): number | undefined => {
  const text = textOf(path)?.trim();
  return text === undefined || text === "max" ? undefined : Number(text);
};

/** The names of version 2 of control groups, and of version 1. */
const versions = [
  { line: /^0::(\/.*)$/m, folder: "", limit: "memory.max", usage: "memory.current", cache: /^inactive_file (\d+)$/m },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m,
    folder: "memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: /^total_inactive_file (\d+)$/m,
  },
] as const;

/** The control groups of this process that may limit its memory: of version 2 and of version 1, where each is there. */
export const memoryGroups = ({ root, own }: GroupPlaces = places) => {
  const groups = textOf(own) ?? "";
  return versions.flatMap(({ line, folder, ...names }) => {
    const path = line.exec(groups)?.[1];
    return path === undefined ? [] : [{ path, base: posix.join(root, folder), ...names }];
  });
};

/** A group's path and those above it: `/a/b`, `/a`, `/`. */
const upwards = (path: string): readonly string[] => (path === "/" ? ["/"] : [path, ...upwards(posix.dirname(path))]);

/**
 * Bytes that this process and its children may still take before the limit of a control group ends one of them, which is how
 * containers and batch systems limit memory; infinite where there is no limit. Files that the system keeps in memory do not count.
 */
export const groupRoom = (where: GroupPlaces = places): number => {
  const rooms = memoryGroups(where).flatMap(({ path, base, limit, usage, cache }) =>
    upwards(path).flatMap((group) => {
      const at = posix.join(base, group);
      const most = numberIn(posix.join(at, limit));
      if (most === undefined) return [];
      const idle = Number(cache.exec(textOf(posix.join(at, "memory.stat")) ?? "")?.[1] ?? 0);
      return [Math.max(0, most - ((numberIn(posix.join(at, usage)) ?? 0) - idle))];
    }),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...rooms);
};
