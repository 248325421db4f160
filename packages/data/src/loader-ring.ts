import type { ViewOptions } from "@twinview/augment";
import { sharedBytes } from "./source.ts";

/**
 * Memory that the loader and its threads share: a ring of slots, one for each batch in flight, cut into chunks of samples.
 * Threads take chunks by themselves with atomic operations, so they go on while the event loop of the consumer is blocked.
 */
export interface Ring {
  readonly slots: number;
  readonly batch: number;
  /** Samples in a chunk; the last chunk of a batch may be shorter. */
  readonly chunk: number;
  readonly chunks: number;
  readonly control: Int32Array;
  /** Step that each slot holds. */
  readonly steps: Int32Array;
  /** [slots, chunks]: free, done, or 1 + the number of the thread at work on it. */
  readonly states: Int32Array;
  /** For each thread, 1 + the image it is at. */
  readonly current: Int32Array;
  /** Images that no thread may touch; the first `control[barred]` entries count. */
  readonly barred: Int32Array;
  /** [slots, batch] indices of the images used. */
  readonly used: Uint32Array;
  /** [slots, slotBytes]: the views one after the other, each [batch, size, size, 3]. */
  readonly bytes: Uint8Array;
  readonly viewBytes: readonly number[];
}

export const free = 0;
export const done = -1;

/** Words of `control`. */
export const closedWord = 0;
export const signalWord = 1;
export const barredWord = 2;

const maxBarred = 256;

const words = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * Math.max(1, length)));

export interface RingOptions {
  readonly views: readonly ViewOptions[];
  readonly batch: number;
  readonly slots: number;
  readonly threads: number;
  readonly firstStep: number;
}

/** A ring whose slots hold the steps from `firstStep` on, nothing done yet. */
export const createRing = ({ views, batch, slots, threads, firstStep }: RingOptions): Ring => {
  const viewBytes = views.map(({ size }) => batch * size * size * 3);
  const slotBytes = viewBytes.reduce((a, b) => a + b, 0);
  // a few chunks a thread even out the end of a batch
  const chunk = Math.max(1, Math.ceil(batch / (4 * threads)));
  const chunks = Math.ceil(batch / chunk);
  const steps = words(slots);
  for (let step = firstStep; step < firstStep + slots; step++) steps[step % slots] = step;
  return {
    slots,
    batch,
    chunk,
    chunks,
    control: words(4),
    steps,
    states: words(slots * chunks),
    current: words(threads),
    barred: words(maxBarred),
    used: new Uint32Array(words(slots * batch).buffer),
    bytes: sharedBytes(slots * slotBytes),
    viewBytes,
  };
};

/** Samples [from, to) of a chunk within its batch. */
export const chunkRange = (ring: Ring, chunk: number): readonly [number, number] => [
  chunk * ring.chunk,
  Math.min(ring.batch, (chunk + 1) * ring.chunk),
];

/** Bytes of each view of samples [from, to) in a slot. */
export const slotViews = (ring: Ring, slot: number, [from, to]: readonly [number, number]): Uint8Array[] => {
  let start = slot * ring.viewBytes.reduce((a, b) => a + b, 0);
  return ring.viewBytes.map((bytes) => {
    const sample = bytes / ring.batch;
    const part = ring.bytes.subarray(start + from * sample, start + to * sample);
    start += bytes;
    return part;
  });
};

/** Wakes the threads that wait for work. */
export const signal = (ring: Ring): void => {
  Atomics.add(ring.control, signalWord, 1);
  Atomics.notify(ring.control, signalWord);
};

/** A chunk that a thread has taken. */
export interface Claim {
  readonly slot: number;
  readonly chunk: number;
  readonly step: number;
}

/** Takes the first free chunk of the earliest step for a thread; undefined when none is free. */
export const claim = (ring: Ring, thread: number): Claim | undefined => {
  const order = Array.from(ring.steps, (_, slot) => slot).sort((a, b) => Atomics.load(ring.steps, a) - Atomics.load(ring.steps, b));
  for (const slot of order) {
    for (let chunk = 0; chunk < ring.chunks; chunk++) {
      if (Atomics.compareExchange(ring.states, slot * ring.chunks + chunk, free, thread + 1) !== free) continue;
      // read after the claim: a slot only moves to another step while none of its chunks is taken
      return { slot, chunk, step: Atomics.load(ring.steps, slot) };
    }
  }
  return undefined;
};

/** Marks a taken chunk as done. */
export const finish = (ring: Ring, { slot, chunk }: Claim): void => {
  Atomics.store(ring.states, slot * ring.chunks + chunk, done);
};

/** Gives a slot whose chunks are all done its next step, and wakes the threads. */
export const recycle = (ring: Ring, slot: number): void => {
  Atomics.add(ring.steps, slot, ring.slots);
  for (let chunk = 0; chunk < ring.chunks; chunk++) Atomics.store(ring.states, slot * ring.chunks + chunk, free);
  signal(ring);
};

/** Bars an image; ignored when the list is full. */
export const bar = (ring: Ring, index: number): void => {
  const count = Atomics.load(ring.control, barredWord);
  if (count === maxBarred) return;
  Atomics.store(ring.barred, count, index);
  Atomics.store(ring.control, barredWord, count + 1);
};

/** Whether an image is barred. */
export const isBarred = (ring: Ring, index: number): boolean => {
  const count = Atomics.load(ring.control, barredWord);
  for (let i = 0; i < count; i++) if (Atomics.load(ring.barred, i) === index) return true;
  return false;
};
