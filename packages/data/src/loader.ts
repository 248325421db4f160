import type { Worker } from "node:worker_threads";
import type { ViewOptions } from "@twinview/augment";
import { checkOption } from "@twinview/core";
import { type BadLimit, tooManyBad } from "./bad-files.ts";
import { failure } from "./data-error.ts";
import { createRing, recycle, slotViews } from "./loader-ring.ts";
import { openThreads } from "./loader-threads.ts";
import { sampleRenderer } from "./render-samples.ts";
import { sampler } from "./sampler.ts";
import type { BadFile, Source } from "./source.ts";

export interface LoaderOptions {
  readonly source: Source;
  readonly views: readonly ViewOptions[];
  /** Images a step. */
  readonly batch: number;
  readonly seed: number;
  /** First step to deliver. Default 0; any step is reached at once. */
  readonly startStep?: number;
  /** Threads that render; 0 renders in the calling thread, on demand. Default 1. */
  readonly workers?: number;
  /** Batches rendered ahead of the one in use. Default 3. */
  readonly ahead?: number;
  readonly badLimit?: BadLimit;
  /** Called with every thread that is started, also with those that replace a dead one. */
  readonly onThread?: (worker: Worker) => void;
}

/** The views of one step. */
export interface Batch {
  readonly step: number;
  readonly epoch: number;
  /** [B] images shown: a broken one is replaced by another. */
  readonly indices: Uint32Array;
  /** One for each view: bytes [B, size, size, 3]. They stay as they are until the next call of `next`. */
  readonly views: readonly Uint8Array[];
}

export interface Loader {
  readonly stepsPerEpoch: number;
  /** The next step in order. Rejects with an error whose cause is a DataError when too many images are broken. */
  readonly next: () => Promise<Batch>;
  /** Milliseconds spent so far waiting in `next`. */
  readonly waitMs: () => number;
  /** Broken images met so far, each once, sorted by path; those left out when the source was built included. */
  readonly badFiles: () => readonly BadFile[];
  readonly close: () => Promise<void>;
}

const badList = (source: Source, limit: BadLimit | undefined) => {
  const found = new Map((source.bad ?? []).map(({ path, reason }) => [path, reason]));
  const list = (): BadFile[] => [...found].map(([path, reason]) => ({ path, reason })).sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    list,
    add: (bad: readonly BadFile[]) => {
      for (const { path, reason } of bad) if (!found.has(path)) found.set(path, reason);
    },
    check: (): void => {
      const error = tooManyBad(source.name, list(), source.length + (source.bad?.length ?? 0), limit);
      if (error !== undefined) throw failure(error);
    },
  };
};

/** A way to make batches: `make` is called with rising steps, one call at a time. */
interface Maker {
  readonly make: (step: number) => Promise<Pick<Batch, "indices" | "views">>;
  readonly close: () => Promise<void>;
}

const inlineMaker = ({ source, views, batch, seed }: LoaderOptions, onBad: (bad: readonly BadFile[]) => void): Maker => {
  const samples = sampler({ seed, length: source.length, batch });
  const render = sampleRenderer({ content: source.content, views, seed, length: source.length, prefetch: 2 });
  const out = views.map(({ size }) => new Uint8Array(batch * size * size * 3));
  const make = async (step: number) => {
    const used = new Uint32Array(batch);
    onBad(await render({ ...samples.at(step), out, used }));
    return { indices: used, views: out };
  };
  return { make, close: async () => {} };
};

const threadedMaker = (options: LoaderOptions, threads: number, onBad: (bad: readonly BadFile[]) => void): Maker => {
  const { source, views, batch, seed, startStep = 0, ahead = 3, onThread } = options;
  const ring = createRing({ views, batch, slots: ahead + 1, threads, firstStep: startStep });
  const nameOf = (index: number): string => (source.content.kind === "files" ? (source.content.paths[index] as string) : `image ${index}`);
  let wake = (): void => {};
  const setup = { ring, content: source.content, views, seed, length: source.length, prefetch: 2 };
  const pool = openThreads({ threads, setup, nameOf, onBad, onChange: () => wake(), ...(onThread === undefined ? {} : { onThread }) });
  let closed = false;
  const settled = (slot: number): boolean => closed || pool.error() !== undefined || pool.isReady(slot);
  const make = async (step: number) => {
    const slot = step % ring.slots;
    if (step > startStep) {
      const before = (step - 1) % ring.slots;
      pool.reset(before);
      recycle(ring, before);
    }
    pool.hold(true);
    while (!settled(slot)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    pool.hold(false);
    const error = pool.error();
    if (closed) throw new Error("the loader was closed");
    if (error !== undefined) throw failure(error);
    return { indices: ring.used.slice(slot * batch, (slot + 1) * batch), views: slotViews(ring, slot, [0, batch]) };
  };
  const close = async (): Promise<void> => {
    closed = true;
    wake();
    await pool.close();
  };
  return { make, close };
};

const checkOptions = ({ source, views, startStep = 0, workers = 1, ahead = 3 }: LoaderOptions): void => {
  checkOption("openLoader", "views.length", views.length, views.length > 0, "at least one view");
  checkOption("openLoader", "startStep", startStep, Number.isInteger(startStep) && startStep >= 0, "a whole number, at least 0");
  checkOption("openLoader", "workers", workers, Number.isInteger(workers) && workers >= 0 && workers <= 256, "a whole number in 0..256");
  checkOption("openLoader", "ahead", ahead, Number.isInteger(ahead) && ahead >= 1, "a whole number of batches, at least 1");
  const shared = source.content.kind === "files" || source.content.pixels.buffer instanceof SharedArrayBuffer;
  checkOption("openLoader", "source.content.pixels", "a private array", shared, "bytes over a SharedArrayBuffer (see toShared)");
};

/**
 * Delivers the views of a source, step after step. The bytes of a step depend on (seed, step) alone: the number of threads,
 * where the run was resumed and a thread that died in between change nothing.
 * @throws ShapeError when an option is outside its range or the batch is larger than the source.
 */
export const openLoader = (options: LoaderOptions): Loader => {
  checkOptions(options);
  const { source, batch, seed, startStep = 0, workers = 1 } = options;
  const { stepsPerEpoch } = sampler({ seed, length: source.length, batch });
  const bad = badList(source, options.badLimit);
  const maker = workers === 0 ? inlineMaker(options, bad.add) : threadedMaker(options, workers, bad.add);
  let step = startStep;
  let waited = 0;
  const take = async (): Promise<Batch> => {
    const began = performance.now();
    try {
      const made = await maker.make(step);
      bad.check();
      return { step, epoch: Math.floor(step++ / stepsPerEpoch), ...made };
    } finally {
      waited += performance.now() - began;
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const next = (): Promise<Batch> => {
    const batchPromise = last.then(take, take);
    last = batchPromise.catch(() => {});
    return batchPromise;
  };
  return { stepsPerEpoch, next, waitMs: () => waited, badFiles: bad.list, close: maker.close };
};
