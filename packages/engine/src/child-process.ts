import { type ChildProcess, fork } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { userError } from "@twinview/config";
import type { Reply, Request } from "./protocol.ts";

/** A line to the computing process: one request at a time, one answer each. */
export interface Line {
  /** The computing process's id, for monitors. */
  readonly pid: number | undefined;
  readonly ask: (request: Request) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

/** An Error whose cause is a UserError: what a user can act on, carried through code that knows exceptions only. */
const deathOf = (code: number | null, signal: string | null): Error => {
  const cause = userError("engine", `the computing process ended unexpectedly (${signal ?? `exit code ${code}`})`, {
    fix:
      signal === "SIGKILL"
        ? "the system probably ran out of memory: try a smaller --batch, then resume"
        : "run the command again to resume from the last checkpoint",
  });
  return new Error(cause.what, { cause });
};

/** How long the end of a process is waited for after its channel broke. */
const patienceMs = 2000;

/** Starts the computing process. Its answers reject with an Error; when it died, the cause is a UserError. */
export const startChild = (): Line => {
  const child: ChildProcess = fork(fileURLToPath(new URL("./child.js", import.meta.url)), [], { serialization: "advanced", execArgv: [] });
  let waiting: { readonly resolve: (reply: Reply) => void; readonly reject: (reason: unknown) => void } | undefined;
  let death: Error | undefined;
  child.on("message", (reply: Reply) => {
    const asked = waiting;
    waiting = undefined;
    if (reply.kind === "failed") asked?.reject(new Error(`engine: ${reply.message}`));
    else asked?.resolve(reply);
  });
  const ended = new Promise<void>((resolve) => {
    child.on("exit", (code, signal) => {
      death = deathOf(code, signal);
      waiting?.reject(death);
      waiting = undefined;
      resolve();
    });
  });
  let queue: Promise<unknown> = Promise.resolve();
  const send = (request: Request): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (death !== undefined) return reject(death);
      waiting = { resolve, reject };
      child.send(request, (error) => {
        // a broken pipe is often seen before the process is known to have ended, and how it ended says more
        if (error) void Promise.race([ended, setTimeout(patienceMs)]).then(() => reject(death ?? error));
      });
    });
  const ask = (request: Request): Promise<Reply> => {
    const reply = queue.then(() => send(request));
    queue = reply.catch(() => undefined);
    return reply;
  };
  const close = async (): Promise<void> => {
    if (death === undefined) await ask({ kind: "close" }).catch(() => undefined);
    await ended;
  };
  return { pid: child.pid, ask, close };
};
