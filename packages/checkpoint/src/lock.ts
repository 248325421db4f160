import { createHash } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJson, encode, fileError, type UserError, userError } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Holder, holderCodec, mayRun, newHolder } from "./holder.ts";

/** The right to write to a run folder. */
export interface RunLock {
  readonly path: string;
  /** Gives the folder back; harmless when done twice. */
  readonly release: () => Promise<void>;
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

const contentOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};

const claim = async (draft: string, path: string): Promise<boolean> => {
  try {
    await link(draft, path); // with its content, or not at all
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
};

/**
 * Takes the lock at `path`, or gives its living holder. A dead holder's lock is not simply deleted, for two processes that
 * found it dead could each delete the other's new one: the right to replace exactly this content is a lock of its own, named
 * after the content, and is taken the same way.
 */
const take = async (draft: string, path: string, me: Holder): Promise<Holder | undefined> => {
  for (;;) {
    if (await claim(draft, path)) return undefined;
    const content = await contentOf(path);
    if (content === undefined) continue; // released just now
    const found = decodeJson(holderCodec, content, path);
    // a lock that cannot be read was cut by a power loss: its holder is gone
    if (E.isRight(found) && mayRun(found.right, me)) return found.right;
    const successor = `${path}.${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
    const rival = await take(draft, successor, me);
    if (rival !== undefined) return rival;
    if ((await contentOf(path)) === content) {
      await rename(successor, path);
      return undefined;
    }
    await rm(successor, { force: true });
  }
};

const refusal = (holder: Holder, me: Holder, path: string): UserError => {
  const elsewhere = holder.host === me.host ? "" : ` on ${holder.host}`;
  return userError("locked", `another run (process ${holder.pid}${elsewhere}) is using this folder`, {
    where: path,
    fix: elsewhere === "" ? "wait for it, stop it, or choose another folder" : "if that run is over, delete this file",
  });
};

const acquire = async (path: string, me: Holder): Promise<Holder | undefined> => {
  const draft = `${path}.${me.nonce}.draft`;
  try {
    await writeFile(draft, `${JSON.stringify(encode(holderCodec, me))}\n`, { flag: "wx" });
    return await take(draft, path, me);
  } finally {
    await rm(draft, { force: true });
  }
};

/**
 * Locks a run folder (made when missing) for this process. Two runs cannot share a folder: the second is refused with the
 * process that holds it. The lock of a killed process is taken over at once; process number, start time and boot of the machine
 * tell it from a living one.
 */
export const lockRun =
  (runDir: string): TE.TaskEither<UserError, RunLock> =>
  async () => {
    const path = join(runDir, "run.lock");
    const me = newHolder();
    const attempt = await TE.tryCatch(
      async () => {
        await mkdir(runDir, { recursive: true });
        return acquire(path, me);
      },
      (error) => fileError(error, path, "lock the run folder"),
    )();
    if (E.isLeft(attempt)) return attempt;
    if (attempt.right !== undefined) return E.left(refusal(attempt.right, me, path));
    const release = async (): Promise<void> => {
      const content = await contentOf(path).catch(() => undefined);
      const held = content === undefined ? undefined : decodeJson(holderCodec, content, path);
      if (held !== undefined && E.isRight(held) && held.right.nonce === me.nonce) await rm(path, { force: true });
    };
    return E.right({ path, release });
  };
