import { applied, type Operation, type Tree } from "./memory-disk.ts";

const pageBytes = 4096;
/** With more operations in doubt than this, not every combination of them is tried. */
const mostInDoubt = 10;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** The folder in whose list of names an operation changes something; none for a flush. */
const namesIn = (operation: Operation): string | undefined => {
  if (operation.kind === "syncFolder") return undefined;
  return folderOf(operation.kind === "rename" ? operation.to : operation.path);
};

/** The operations whose names may be lost: no flush of their folder came after them. */
const inDoubt = (operations: readonly Operation[]): readonly number[] =>
  operations.flatMap((operation, i) => {
    const folder = namesIn(operation);
    if (folder === undefined) return [];
    const kept = operations.slice(i + 1).some((later) => later.kind === "syncFolder" && later.path === folder);
    return kept ? [] : [i];
  });

/** What may be there of a file whose write was cut: any number of its pages, a few odd lengths, and its length with pages of zeros. */
const torn = (bytes: Uint8Array): readonly Uint8Array[] => {
  const pages = Array.from({ length: Math.ceil(bytes.length / pageBytes) }, (_, i) => i * pageBytes);
  const lengths = new Set([...pages, 1, bytes.length >> 1, bytes.length - 1].filter((length) => length >= 0 && length < bytes.length));
  const zeroed = pages.map((page) => bytes.slice().fill(0, page));
  const holed = pages.map((page) => bytes.slice().fill(0, page, page + pageBytes));
  return [...[...lengths].map((length) => bytes.subarray(0, length)), ...zeroed, ...holed];
};

/**
 * The states that a power cut may leave after some operations: the content of the file that was being written torn, and of the names
 * that no flush of their folder has made lasting any combination lost, as if the disk had reordered them. The content of finished
 * writes is there: `Disk.write` returns when it has reached the medium.
 */
export function* leftByPowerCut(before: Tree, operations: readonly Operation[]): Generator<Tree> {
  const doubtful = inDoubt(operations).slice(-mostInDoubt);
  for (let lost = 0; lost < 2 ** doubtful.length; lost++) {
    const gone = new Set(doubtful.filter((_, i) => (lost >> i) & 1));
    yield operations.filter((_, i) => !gone.has(i)).reduce(applied, before);
  }
  const last = operations.at(-1);
  if (last?.kind !== "write") return;
  const all = operations.reduce(applied, before);
  for (const bytes of torn(last.bytes)) yield new Map([...all, [last.path, bytes]]);
}
