import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The folder for things that can be made again: XDG_CACHE_HOME, else ~/.cache. */
export const cacheFolder = (environment: Readonly<Record<string, string | undefined>>): string => {
  const base = environment.XDG_CACHE_HOME;
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "twinview");
};

const digestBytes = 32;
const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

const readSound = async (path: string): Promise<Buffer | undefined> => {
  const stored = await readFile(path).catch(() => undefined);
  if (stored === undefined || stored.length < digestBytes) return undefined;
  const bytes = stored.subarray(digestBytes);
  return stored.subarray(0, digestBytes).equals(sha256(bytes)) ? bytes : undefined;
};

/** Writes to a place of its own, then moves: a reader sees all of it or nothing, and two writers do no harm. */
const store = async (folder: string, name: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const own = await mkdtemp(join(folder, `.${name}-`));
  try {
    await writeFile(join(own, name), Buffer.concat([sha256(bytes), bytes]));
    await rename(join(own, name), join(folder, name));
  } finally {
    await rm(own, { recursive: true, force: true });
  }
};

/**
 * The bytes of `name` from the cache, or freshly made and stored. A damaged entry (its SHA-256 is stored in front of it) is made
 * again; a cache that cannot be written only costs time.
 */
export const cachedBytes = async (folder: string, name: string, make: () => Promise<Buffer>): Promise<Buffer> => {
  const held = await readSound(join(folder, name));
  if (held !== undefined) return held;
  const made = await make();
  await store(folder, name, made).catch(() => undefined);
  return made;
};
