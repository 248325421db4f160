import { Worker } from "node:worker_threads";
import { type DataError, dataError } from "./data-error.ts";
import { bar, chunkRange, closedWord, done, free, type Ring, signal } from "./loader-ring.ts";
import type { WorkerMessage, WorkerSetup } from "./loader-worker.ts";
import type { BadFile } from "./source.ts";

export interface ThreadsOptions {
  readonly threads: number;
  readonly setup: Omit<WorkerSetup, "thread">;
  readonly nameOf: (index: number) => string;
  readonly onBad: (bad: readonly BadFile[]) => void;
  /** Something has changed: a chunk is done, or the threads have failed. */
  readonly onChange: () => void;
  readonly onThread?: (worker: Worker) => void;
}

export interface Threads {
  /** Whether every chunk of a slot has been reported done. */
  readonly isReady: (slot: number) => boolean;
  /** Forgets what was reported for a slot that starts a new step. */
  readonly reset: (slot: number) => void;
  readonly error: () => DataError | undefined;
  /** Whether the threads keep the process alive: only while somebody waits for them. */
  readonly hold: (held: boolean) => void;
  readonly close: () => Promise<void>;
}

const deathsPerImage = 3;
const deathsInARow = 12;
const closeMs = 2000;

const exited = (worker: Worker): Promise<void> => new Promise((resolve) => worker.once("exit", () => resolve()));

/** Lets a thread end by itself, so that it is never stopped inside a decoder; after two seconds it is stopped. */
const stop = async (worker: Worker): Promise<void> => {
  worker.ref();
  const end = exited(worker);
  const timer = setTimeout(() => void worker.terminate(), closeMs);
  await end;
  clearTimeout(timer);
};

/**
 * Starts the loader's threads and keeps them going: a thread that dies gives its chunks back and is started again, with the same
 * bytes in the end; an image on which three threads died, without having been rendered in between, is barred. After twelve deaths without one chunk done it gives up.
 */
export const openThreads = ({ threads, setup, nameOf, onBad, onChange, onThread }: ThreadsOptions): Threads => {
  const { ring } = setup;
  const reported = new Uint8Array(ring.states.length);
  const deaths = new Map<number, number>();
  const workers: Worker[] = [];
  const url = new URL("./loader-worker.js", import.meta.url);
  let held = false;
  let inARow = 0;
  let error: DataError | undefined;
  let closing = false;

  /** An image that was rendered does not kill: threads that died on it before were unlucky. */
  const acquit = ({ slot, chunk }: Pick<Extract<WorkerMessage, { readonly kind: "done" }>, "slot" | "chunk">): void => {
    if (deaths.size === 0) return;
    const [from, to] = chunkRange(ring, chunk);
    for (const image of ring.used.subarray(slot * ring.batch + from, slot * ring.batch + to)) deaths.delete(image);
  };

  const hear = (message: WorkerMessage): void => {
    if (message.kind === "failed") error = message.error;
    else {
      inARow = 0;
      onBad(message.bad);
      acquit(message);
      if (Atomics.load(ring.steps, message.slot) === message.step) reported[message.slot * ring.chunks + message.chunk] = 1;
    }
    onChange();
  };

  const recover = (thread: number, cause: string): void => {
    giveBack(ring, thread, reported);
    const image = Atomics.exchange(ring.current, thread, 0) - 1;
    const count = (deaths.get(image) ?? 0) + 1;
    deaths.set(image, count);
    if (image >= 0 && count === deathsPerImage) {
      bar(ring, image);
      onBad([{ path: nameOf(image), reason: `${deathsPerImage} loader threads died on it (${cause})` }]);
    }
    inARow++;
    if (inARow < deathsInARow) start(thread, 0);
    else error = dataError("data-loader", `loader threads keep dying: ${cause}`, { fix: "run with workers 0 to see the error itself" });
    signal(ring);
    onChange();
  };

  const start = (thread: number, prefetch: number): void => {
    const worker = new Worker(url, { workerData: { ...setup, thread, prefetch } satisfies WorkerSetup, name: `loader ${thread}` });
    let cause = "stopped from outside";
    worker.on("message", hear);
    worker.on("error", (thrown) => {
      cause = thrown instanceof Error ? thrown.message : String(thrown);
    });
    worker.once("exit", () => {
      if (!closing && error === undefined) recover(thread, cause);
    });
    if (!held) worker.unref();
    workers[thread] = worker;
    onThread?.(worker);
  };

  for (let thread = 0; thread < threads; thread++) start(thread, setup.prefetch);
  return {
    isReady: (slot) => reported.subarray(slot * ring.chunks, (slot + 1) * ring.chunks).every((flag) => flag === 1),
    reset: (slot) => reported.fill(0, slot * ring.chunks, (slot + 1) * ring.chunks),
    error: () => error,
    hold: (hold) => {
      held = hold;
      for (const worker of workers) hold ? worker.ref() : worker.unref();
    },
    close: async () => {
      closing = true;
      Atomics.store(ring.control, closedWord, 1);
      signal(ring);
      await Promise.all(workers.filter((worker) => worker.threadId !== -1).map(stop));
    },
  };
};

/** Frees the chunks a dead thread had taken; chunks it finished but could not report count as reported. */
const giveBack = (ring: Ring, thread: number, reported: Uint8Array): void => {
  for (let i = 0; i < ring.states.length; i++) {
    const state = Atomics.load(ring.states, i);
    if (state === thread + 1) Atomics.store(ring.states, i, free);
    else if (state === done) reported[i] = 1;
  }
};
