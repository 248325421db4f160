import { mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";

/**
 * The few operations on files that checkpoints need. A record, so that tests can make any of them fail and can replay a power
 * cut after each one.
 */
export interface Disk {
  readonly makeFolder: (path: string) => Promise<void>;
  /** Writes a whole file and returns when it has reached the medium. */
  readonly write: (path: string, chunks: readonly Uint8Array[]) => Promise<void>;
  readonly read: (path: string) => Promise<Uint8Array>;
  /** The names in a folder; none when there is no such folder. */
  readonly list: (path: string) => Promise<readonly string[]>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Removes a file or a folder with all it holds; nothing happens when there is none. */
  readonly remove: (path: string) => Promise<void>;
  /** Returns when the names in a folder have reached the medium: without it a rename may be lost in a power cut. */
  readonly syncFolder: (path: string) => Promise<void>;
  readonly freeBytes: (path: string) => Promise<number>;
}

const pieceBytes = 8 * 2 ** 20;

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

const makeFolder: Disk["makeFolder"] = async (path) => {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(path); // on a read-only disk Node calls the folder missing; this one tells the cause
  }
};

const write: Disk["write"] = async (path, chunks) => {
  const file = await open(path, "w");
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at, Math.min(pieceBytes, chunk.length - at));
        at += bytesWritten; // a write may be short, on a disk that fills up for instance
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Reads in pieces: `readFile` refuses files of 2 GiB and more. */
const read: Disk["read"] = async (path) => {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(pieceBytes, size - at), at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return at === size ? bytes : bytes.subarray(0, at);
  } finally {
    await file.close();
  }
};

const list: Disk["list"] = async (path) => {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
};

const syncFolder: Disk["syncFolder"] = async (path) => {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** The disk of this machine. */
export const nodeDisk: Disk = {
  makeFolder,
  write,
  read,
  list,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};
