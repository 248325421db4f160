import { failure, orThrow, userError } from "@twinview/config";
import { type Experiment, fittingBatch, fittingMicroBatch, memory, planOf, type Wishes } from "@twinview/train";
import { byteSize } from "./byte-size.ts";

/** An amount of memory as it was asked for. */
export interface Allowance {
  readonly text: string;
  readonly bytes: number;
}

/** What `--memory` allows. Throws a user error for what is no amount. */
export const allowance = (text: string): Allowance => ({ text, bytes: orThrow(byteSize(text, "--memory")) });

/**
 * The micro-batch with which an experiment's step fits into the memory of `--memory`, and why.
 * Throws a user error where it does not fit: with a batch that would.
 */
export const fitInto = ({ text, bytes }: Allowance, experiment: Experiment): NonNullable<Wishes["microBatch"]> => {
  const fits = fittingMicroBatch(experiment, bytes);
  const { batch, encoder } = experiment;
  if (fits === undefined) {
    const smaller = fittingBatch({ ...experiment, batch: Math.min(batch, 1024) }, bytes);
    const mixes = encoder.mixesImages === true;
    throw failure(
      userError("config", `the step does not fit into ${text}`, {
        where: "--memory",
        got: `batch ${batch}${mixes ? ` at once, which needs about ${memory(planOf({ ...experiment, microBatch: batch }, 1).plan.memoryBytes)}` : ""}`,
        ...(mixes
          ? {
              expected:
                "a batch that fits at once: the encoder has batch norms, and in micro-batches each would be normalised by itself, which is another training run",
            }
          : {}),
        fix: `${smaller === undefined ? "a smaller --backbone or image" : `--batch ${smaller.size}`}${mixes ? ", or accept the other run with --set microBatch=.." : ""}`,
      }),
    );
  }
  const needs = `the step needs about ${memory(fits.bytes)}`;
  const how =
    fits.size === batch
      ? { at: `all ${batch} images at once`, same: "" }
      : { at: `micro-batches of ${fits.size} images`, same: `; the result is that of all ${batch} at once` };
  return { value: fits.size, reason: `${how.at}: ${needs} of the ${text} allowed${how.same}` };
};

/** What has to be said of a run in micro-batches whose encoder has batch norms. */
export const mixedWarning = ({ encoder, batch, microBatch }: Experiment): readonly string[] =>
  encoder.mixesImages === true && microBatch < batch
    ? [
        `attention: the encoder's batch norms see micro-batches of ${microBatch} images, not the batch of ${batch}: another training run than at once`,
      ]
    : [];
