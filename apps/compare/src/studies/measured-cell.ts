import { spreadOf } from "../statistics.ts";

/** A kNN curve: top-1 of the online encoder, k 20, in 0..1, by epoch; it starts with the untrained encoder. */
export interface KnnCurve {
  readonly epoch: readonly number[];
  readonly knn: readonly number[];
}

/** Gradient norms of two layers by step. */
export interface GradientCurves {
  readonly steps: readonly number[];
  readonly first: { readonly layer: string; readonly norms: readonly number[] };
  readonly last: { readonly layer: string; readonly norms: readonly number[] };
}

/** What one run of a study gave. */
export interface MeasuredCell {
  readonly seed: number;
  /** kNN top-1, k 20, in 0..1, on the final images; of a run that ended in NaN, of its last evaluation. */
  readonly knn: number;
  /** The same of the untrained encoder and of raw pixels. */
  readonly untrained: number;
  readonly raw: number;
  /** False when the run ended in numbers that are not finite. */
  readonly finished: boolean;
  readonly curve: KnnCurve;
  /** Every layer and step at which a gradient spiked: what today's detector finds in the recorded norms, whenever the run was made. */
  readonly spikes: readonly { readonly step: number; readonly layer: string; readonly ratio: number }[];
  /** How often the kNN curve fell clearly below its best. */
  readonly dips: number;
  readonly gradients: GradientCurves | undefined;
  /** Accuracies in 0..1 after fine-tuning on another data set, where the study asks for it. */
  readonly transfer?: { readonly test: number; readonly train: number } | undefined;
  readonly steps: number;
  readonly seconds: number;
  /** Processor, cores, platform and Node. */
  readonly machine: string;
}

/** What all seeds of a setting gave. */
export interface MeasuredSetting {
  readonly name: string;
  readonly cells: readonly MeasuredCell[];
}

/** Steps without a spike after which the next one is a new event. */
const gap = 5;

/** How often gradients spiked: spikes of any layers at most five steps apart are one event. */
export const spikeEventsOf = ({ spikes }: MeasuredCell): number => {
  const steps = [...new Set(spikes.map(({ step }) => step))].sort((a, b) => a - b);
  return steps.filter((step, i) => i === 0 || step - (steps[i - 1] as number) > gap).length;
};

/** How rough a kNN curve is: the sum of its falls from one evaluation to the next, in 0..1. A curve that only rises has 0. */
export const fallsOf = ({ curve: { knn } }: MeasuredCell): number =>
  knn.reduce((sum, value, i) => sum + Math.max(0, (knn[i - 1] ?? value) - value), 0);

/**
 * How much a kNN curve dents where a gradient spikes. An interval between two evaluations has the dent
 *
 *     (rise of the interval before + rise of the interval after) / 2 - its own rise
 *
 * in 0..1, so that the bend of the whole curve counts for nothing; the mean dent of intervals with a spike, less that of those without.
 * NaN where all intervals are of one kind. The rise from the untrained encoder is left out.
 */
export const dentOf = ({ curve: { epoch, knn }, spikes, steps }: MeasuredCell): number => {
  const stepAt = (i: number): number => ((epoch[i] as number) / (epoch.at(-1) as number)) * steps;
  const rises = knn.slice(2).map((value, i) => value - (knn[i + 1] as number)); // rises[i] leads to evaluation i + 2
  const intervals = rises.slice(1, -1).map((rise, k) => {
    const [from, to] = [stepAt(k + 2), stepAt(k + 3)];
    const dent = ((rises[k] as number) + (rises[k + 2] as number)) / 2 - rise;
    return { dent, spiked: spikes.some(({ step }) => step >= from && step < to) };
  });
  const dents = (spiked: boolean) => spreadOf(intervals.filter((one) => one.spiked === spiked).map(({ dent }) => dent)).mean;
  return dents(true) - dents(false);
};
