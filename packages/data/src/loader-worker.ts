// Entry of a loader thread: takes chunks from the ring until the loader is closed. Started by loader-threads.ts.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { ViewOptions } from "@twinview/augment";
import { type DataError, dataErrorOf } from "./data-error.ts";
import { chunkRange, claim, closedWord, finish, isBarred, type Ring, signalWord, slotViews } from "./loader-ring.ts";
import { sampleRenderer } from "./render-samples.ts";
import { sampler } from "./sampler.ts";
import type { BadFile, Content } from "./source.ts";

/** What a thread is started with. */
export interface WorkerSetup {
  readonly ring: Ring;
  readonly thread: number;
  readonly content: Content;
  readonly views: readonly ViewOptions[];
  readonly seed: number;
  readonly length: number;
  readonly prefetch: number;
}

/** What a thread reports. */
export type WorkerMessage =
  | { readonly kind: "done"; readonly slot: number; readonly chunk: number; readonly step: number; readonly bad: readonly BadFile[] }
  | { readonly kind: "failed"; readonly error: DataError };

const work = async (port: MessagePort, { ring, thread, ...source }: WorkerSetup): Promise<void> => {
  const samples = sampler({ seed: source.seed, length: source.length, batch: ring.batch });
  const render = sampleRenderer({
    ...source,
    isBarred: (index) => {
      Atomics.store(ring.current, thread, index + 1);
      return isBarred(ring, index);
    },
  });
  while (Atomics.load(ring.control, closedWord) === 0) {
    const seen = Atomics.load(ring.control, signalWord);
    const taken = claim(ring, thread);
    if (taken === undefined) {
      Atomics.wait(ring.control, signalWord, seen, 1000);
      continue;
    }
    const { slot, chunk, step } = taken;
    const [from, to] = chunkRange(ring, chunk);
    const { epoch, indices } = samples.at(step);
    const start = slot * ring.batch;
    const bad = await render({
      epoch,
      indices: indices.subarray(from, to),
      out: slotViews(ring, slot, [from, to]),
      used: ring.used.subarray(start + from, start + to),
    });
    Atomics.store(ring.current, thread, 0);
    finish(ring, taken); // before the message: the loader may hand the slot on as soon as it hears of it
    port.postMessage({ kind: "done", slot, chunk, step, bad } satisfies WorkerMessage);
  }
};

const start = async (port: MessagePort, setup: WorkerSetup): Promise<void> => {
  try {
    await work(port, setup);
  } catch (thrown) {
    const error = dataErrorOf(thrown);
    if (error === undefined) throw thrown;
    port.postMessage({ kind: "failed", error } satisfies WorkerMessage);
  }
};

if (parentPort !== null) await start(parentPort, workerData as WorkerSetup);
