import type { MeasuredCell, MeasuredSetting } from "./measured-cell.ts";

/** What a made-up setting measured. */
export interface MadeUp {
  /** Final kNN accuracy in percent. */
  readonly knn: number;
  /** Sum of the falls of the curve, in points. */
  readonly falls?: number;
  /** Steps at which the first and the last layer spiked. */
  readonly first?: readonly number[];
  readonly last?: readonly number[];
  readonly dips?: number;
  /** Accuracies after fine-tuning, in percent. */
  readonly tuned?: { readonly test: number; readonly train: number };
}

const [firstLayer, lastLayer] = ["encoder/patch/w", "encoder/blocks/block03/mlp/fc2/w"];
const spikesAt = (layer: string, steps: readonly number[] = []) => steps.map((step) => ({ step, layer, ratio: 3 }));

const steps = Array.from({ length: 300 }, (_, i) => i + 1);

/** Norms that lie at 1 but for leaps to four times that. */
const normsWith = (leaps: readonly number[] = []): readonly number[] => steps.map((step) => (leaps.includes(step) ? 4 : 1));

/** A run whose curve rises from .5, falls by `falls` in all and ends at `knn`. */
const cell = (seed: number, { knn, falls = 0, first, last, dips = 0, tuned }: MadeUp): MeasuredCell => ({
  seed,
  knn: knn / 100,
  untrained: 0.5,
  raw: 0.8,
  finished: true,
  curve: { epoch: [0, 1, 2, 3], knn: [0.5, 0.6 + falls / 100, 0.6, 0.7] },
  spikes: [...spikesAt(firstLayer, first), ...spikesAt(lastLayer, last)],
  dips,
  gradients: {
    steps,
    first: { layer: firstLayer, norms: normsWith(first) },
    last: { layer: lastLayer, norms: normsWith(last) },
  },
  ...(tuned === undefined ? {} : { transfer: { test: tuned.test / 100, train: tuned.train / 100 } }),
  steps: steps.length,
  seconds: 10,
  machine: "a machine",
});

/** Settings as if measured with seeds that lie `scatter` (percent) apart: -scatter, 0, +scatter about what is given. */
export const measuredAs = (
  settings: Readonly<Record<string, MadeUp>>,
  { seeds = 3, scatter = 0.1 }: { readonly seeds?: number; readonly scatter?: number } = {},
): readonly MeasuredSetting[] =>
  Object.entries(settings).map(([name, made]) => ({
    name,
    cells: Array.from({ length: seeds }, (_, seed) => {
      const shift = (seed - (seeds - 1) / 2) * scatter;
      const tuned = made.tuned === undefined ? {} : { tuned: { ...made.tuned, test: made.tuned.test + shift } };
      return cell(seed, { ...made, ...tuned, knn: made.knn + shift, falls: Math.max(0, (made.falls ?? 0) + shift) });
    }),
  }));
