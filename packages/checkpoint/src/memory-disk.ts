import type { Disk } from "./disk.ts";

/** One operation that reached the disk, for the replay of a power cut. */
export type Operation =
  | { readonly kind: "makeFolder" | "syncFolder" | "remove"; readonly path: string }
  | { readonly kind: "write"; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: "rename"; readonly from: string; readonly to: string };

/** Files by path; folders have the content null. */
export type Tree = ReadonlyMap<string, Uint8Array | null>;

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** The state of a disk after one more operation. */
export const applied = (tree: Tree, operation: Operation): Tree => {
  const next = new Map(tree);
  const within = (path: string) => [...tree.keys()].filter((key) => key === path || key.startsWith(`${path}/`));
  if (operation.kind === "makeFolder") {
    const parts = operation.path.split("/");
    for (let i = 2; i <= parts.length; i++) next.set(parts.slice(0, i).join("/"), null);
  } else if (operation.kind === "write") next.set(operation.path, operation.bytes);
  else if (operation.kind === "remove") for (const path of within(operation.path)) next.delete(path);
  else if (operation.kind === "rename") {
    for (const path of within(operation.from)) {
      next.set(operation.to + path.slice(operation.from.length), tree.get(path) as Uint8Array | null);
      next.delete(path);
    }
  }
  return next;
};

/** A disk in memory that records what it does; the operation of number `failAt` fails with `code`. */
export const memoryDisk = (start: Tree = new Map(), failAt = Number.POSITIVE_INFINITY, code = "ENOSPC") => {
  let tree = start;
  const operations: Operation[] = [];
  const run = async (operation: Operation): Promise<void> => {
    if (operations.length === failAt) {
      operations.push(operation);
      throw failure(code);
    }
    operations.push(operation);
    if (operation.kind === "rename" && !tree.has(operation.from)) throw failure("ENOENT");
    if (operation.kind === "rename" && tree.has(operation.to)) throw failure("ENOTEMPTY");
    tree = applied(tree, operation);
  };
  const disk: Disk = {
    makeFolder: (path) => run({ kind: "makeFolder", path }),
    write: (path, chunks) => run({ kind: "write", path, bytes: new Uint8Array(Buffer.concat(chunks)) }),
    read: async (path) => {
      const bytes = tree.get(path);
      if (bytes === undefined || bytes === null) throw failure("ENOENT");
      return bytes;
    },
    list: async (path) =>
      [...tree.keys()]
        .filter((key) => key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes("/"))
        .map((key) => key.slice(path.length + 1)),
    rename: (from, to) => run({ kind: "rename", from, to }),
    remove: (path) => run({ kind: "remove", path }),
    syncFolder: (path) => run({ kind: "syncFolder", path }),
    freeBytes: async () => 1_500_000,
  };
  return { disk, operations: operations as readonly Operation[], state: (): Tree => tree };
};
