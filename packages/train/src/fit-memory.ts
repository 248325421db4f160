import type { Experiment } from "./experiment.ts";
import { planOf } from "./plan.ts";

/** Above this many images, one graph for the whole batch is too large to be worth tracing. */
export const largestWhole = 512;
/** Larger micro-batches than this gain no speed. */
const largestMicro = 256;

/** A size that fits, and the memory that the computing process then needs. */
export interface Fitting {
  readonly size: number;
  readonly bytes: number;
}

const bytesOf = (experiment: Experiment): number => planOf(experiment, 1).plan.memoryBytes;

/** The first of some sizes, from the largest to the smallest, whose memory is within a limit; memory falls with the size. */
const firstFitting = (sizes: readonly number[], limit: number, bytesAt: (size: number) => number): Fitting | undefined => {
  let found: Fitting | undefined;
  let [low, high] = [0, sizes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const size = sizes[middle] as number;
    const bytes = bytesAt(size);
    if (bytes <= limit) {
      found = { size, bytes };
      high = middle;
    } else low = middle + 1;
  }
  return found;
};

/**
 * The largest micro-batch whose step fits into so many bytes: the whole batch where it does. Undefined where none does, and where the
 * batch does not fit and the encoder mixes images: micro-batches would change what it computes.
 */
export const fittingMicroBatch = (experiment: Experiment, limit: number): Fitting | undefined => {
  const { batch, encoder } = experiment;
  const divisors = Array.from({ length: Math.min(largestMicro, batch >> 1) }, (_, i) => i + 1).filter((size) => batch % size === 0);
  const parts = encoder.mixesImages ? [] : divisors.reverse();
  const sizes = batch <= largestWhole || encoder.mixesImages ? [batch, ...parts] : parts;
  return firstFitting(sizes, limit, (microBatch) => bytesOf({ ...experiment, microBatch }));
};

/** The largest batch, halved from the experiment's, whose step fits at once. */
export const fittingBatch = (experiment: Experiment, limit: number): Fitting | undefined => {
  const sizes: number[] = [];
  for (let batch = experiment.batch >> 1; batch >= 2; batch >>= 1) sizes.push(batch);
  return firstFitting(sizes, limit, (batch) => bytesOf({ ...experiment, batch, microBatch: batch }));
};
