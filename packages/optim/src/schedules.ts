/** A number for each step, counted from 0; a function of the host, never of the graph. */
export type Schedule = (step: number) => number;

/** The same number at every step. */
export const constant =
  (value: number): Schedule =>
  () =>
    value;

/** A straight line from `from` at step 0 to `to` at step `steps`, and `to` from there on. */
export const linear =
  ({ from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number }): Schedule =>
  (step) =>
    step >= steps ? to : from + ((to - from) * step) / steps;

/** Half a cosine from `from` at step 0 to `to` at step `steps`: `to + (from - to) (1 + cos(pi step / steps)) / 2`. */
export const cosine =
  ({ from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number }): Schedule =>
  (step) =>
    step >= steps ? to : to + ((from - to) * (1 + Math.cos((Math.PI * step) / steps))) / 2;

/** The first schedule for `at` steps, then the second, which counts its steps from there. */
export const join =
  (first: Schedule, at: number, second: Schedule): Schedule =>
  (step) =>
    step < at ? first(step) : second(step - at);

/**
 * A linear warm-up from 0 to `peak`, then half a cosine to 0; step 0 has rate 0.
 * @see moco-v3 main_moco.py, adjust_learning_rate.
 */
export const warmupCosine = ({
  peak,
  warmup,
  total,
}: {
  readonly peak: number;
  readonly warmup: number;
  readonly total: number;
}): Schedule => join(linear({ from: 0, to: peak, steps: warmup }), warmup, cosine({ from: peak, to: 0, steps: total - warmup }));

/** The linear learning-rate rule: `base * batch / 256`. @see Goyal et al., arXiv 1706.02677. */
export const scaledRate = ({ base, batch }: { readonly base: number; readonly batch: number }): number => (base * batch) / 256;
