import { checkOption, fold, permutation, rngOf } from "@twinview/core";

export interface SamplerOptions {
  readonly seed: number;
  /** Number of images. */
  readonly length: number;
  /** Images a step. */
  readonly batch: number;
}

/** Which images a step sees. */
export interface Sampled {
  readonly epoch: number;
  readonly indices: Uint32Array;
}

export interface Sampler {
  readonly stepsPerEpoch: number;
  /** The images of any step, in any order of asking. */
  readonly at: (step: number) => Sampled;
}

/**
 * Visits every image at most once an epoch, in an order keyed by (seed, epoch); images that do not fill a batch are left out.
 * Any step can be asked for at any time: nothing depends on what was asked before.
 * @throws ShapeError when a batch is larger than the set, or an option is not a whole number.
 */
export const sampler = ({ seed, length, batch }: SamplerOptions): Sampler => {
  checkOption("sampler", "batch", batch, Number.isInteger(batch) && batch > 0, "a whole number of images, at least 1");
  checkOption("sampler", "batch", batch, batch <= length, `at most the number of images (${length}); choose a smaller batch`);
  const stepsPerEpoch = Math.floor(length / batch);
  const order = fold(rngOf(seed), "order");
  let held: { readonly epoch: number; readonly indices: Uint32Array } | undefined; // the permutation of the last epoch asked for
  const at = (step: number): Sampled => {
    checkOption("sampler", "step", step, Number.isInteger(step) && step >= 0, "a whole number, at least 0");
    const epoch = Math.floor(step / stepsPerEpoch);
    const all = held?.epoch === epoch ? held.indices : permutation(fold(order, epoch), length);
    held = { epoch, indices: all };
    const start = (step - epoch * stepsPerEpoch) * batch;
    return { epoch, indices: all.slice(start, start + batch) };
  };
  return { stepsPerEpoch, at };
};
