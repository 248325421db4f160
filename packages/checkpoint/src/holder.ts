import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { closed, natural, nullable, type TypeOf, text } from "@twinview/config";

/** The codec of a {@link Holder}, as it stands in a lock file. */
export const holderCodec = closed("a lock", {
  pid: natural,
  host: text,
  boot: nullable(text),
  started: nullable(text),
  nonce: text,
});

/** A process, told apart from later ones of the same number: by the boot of its machine and its start time where Linux gives them. */
export type Holder = TypeOf<typeof holderCodec>;

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // no Linux, or no such process
  }
};

/** Clock ticks from boot to the start of a process: field 22 of /proc/PID/stat, counted after the name, which may hold anything. */
const startOf = (pid: number): string | null => {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
};

/** This process as a holder; each call is another one. */
export const newHolder = (): Holder => ({
  pid: process.pid,
  host: hostname(),
  boot: readOrNull("/proc/sys/kernel/random/boot_id"),
  started: startOf(process.pid),
  nonce: randomUUID(),
});

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === "EPERM";
  }
};

/** Whether a holder may still be running, seen from `now`; one on another machine may, for all we can tell. */
export const mayRun = (holder: Holder, now: Holder): boolean => {
  if (holder.host !== now.host) return true;
  if (holder.boot !== null && now.boot !== null && holder.boot !== now.boot) return false;
  if (!exists(holder.pid)) return false;
  const started = startOf(holder.pid);
  return holder.started === null || started === null || holder.started === started;
};
