import { medianOf, normalFactor } from "./robust.ts";

/** A step at which the gradient of one layer stood far above its recent past. */
export interface Spike {
  readonly step: number;
  readonly layer: string;
  /** Norm over its level, the median of the few steps before it. */
  readonly ratio: number;
  /** Log of that ratio in robust standard deviations of the steps before it. */
  readonly z: number;
}

export interface SpikeOptions {
  /** How many past steps make up the level. A spike of less than half of them is seen to its end; what stays longer is a new level. */
  readonly level?: number;
  /** Over how many past steps the scatter about the level is taken. */
  readonly scatter?: number;
  /** How many of those it takes before anything is called a spike. */
  readonly least?: number;
  /**
   * From how many robust deviations on. Log norms of real runs have longer tails than a normal distribution: 6 deviations, one in
   * 10^9 there, were passed at 6 of 2,927 steps of 64 layers in a run that learned undisturbed, 8 at two.
   */
  readonly z?: number;
  /** From which ratio to the level on: less than a doubling is nothing to act upon, however quiet the layer was. */
  readonly ratio?: number;
  /** The least deviation of log norms assumed: a layer whose last steps happened to be equal is not that certain. */
  readonly quietest?: number;
  /**
   * From which ratio to the level on a norm is a spike however much its layer scatters: the norms of unstable runs scatter by factors,
   * and leaps among them would pass for scatter. No norm came to six times its level in 27,472 steps of 32 healthy runs, those of
   * docs/results/comparison.md.
   */
  readonly leap?: number;
}

/** What is known of one layer: its last log norms, and how far earlier ones lay from the level before them; oldest first. */
interface LayerHistory {
  readonly logs: readonly number[];
  readonly residuals: readonly number[];
}

export type SpikeHistory = Readonly<Record<string, LayerHistory>>;

/**
 * Watches the gradient norm of each layer and names the layers that spike. With l(t) the log of a norm at step t, m(t) the median
 * of the `level` values before it, and r = l - m,
 *
 *     spike when r(t) / max(1.4826 median |r| over the last `scatter` steps, quietest) > z and exp(r(t)) > ratio,
 *     or exp(r(t) - max(0, median r over the last `scatter` steps)) > leap
 *
 * On the log scale because norms scatter by factors; medians so that a spike does not raise the bar for the next one; residuals
 * from a moving level so that the slow changes of a schedule count as neither spikes nor scatter. Norms that are 0 are passed over:
 * nothing flows there yet. State in, state out: `watch(history, step, norms)`.
 */
export const spikeDetector = (options: SpikeOptions = {}) => {
  const { level = 16, scatter = 128, least = 48, z: deviations = 8, ratio: rise = 2, quietest = 0.05, leap = 6 } = options;
  const spikeIn = (step: number, layer: string, residual: number, residuals: readonly number[]): Spike | undefined => {
    const ratio = Math.exp(residual);
    if (residuals.length < least || !(ratio > Math.min(rise, leap))) return undefined;
    const z = residual / Math.max(normalFactor * medianOf(residuals.map(Math.abs)), quietest);
    const unusual = residual - Math.max(0, medianOf(residuals)); // steady growth is usual
    return (ratio > rise && z > deviations) || unusual > Math.log(leap) ? { step, layer, ratio, z } : undefined;
  };
  const watchLayer = (step: number, layer: string, norm: number, { logs, residuals }: LayerHistory) => {
    const value = Math.log(norm);
    const known = logs.length >= level / 2;
    const residual = known ? value - medianOf(logs) : Number.NaN;
    const spike = spikeIn(step, layer, residual, residuals);
    const grown = { logs: [...logs, value].slice(-level), residuals: known ? [...residuals, residual].slice(-scatter) : residuals };
    return { spike, history: grown };
  };
  return {
    start: {} as SpikeHistory,
    watch: (
      history: SpikeHistory,
      step: number,
      norms: Readonly<Record<string, number>>,
    ): { readonly history: SpikeHistory; readonly spikes: readonly Spike[] } => {
      const flowing = Object.entries(norms).filter(([, norm]) => norm > 0);
      const seen = flowing.map(
        ([layer, norm]) => [layer, watchLayer(step, layer, norm, history[layer] ?? { logs: [], residuals: [] })] as const,
      );
      const grown = Object.fromEntries(seen.map(([layer, { history: one }]) => [layer, one]));
      return { history: { ...history, ...grown }, spikes: seen.flatMap(([, { spike }]) => spike ?? []) };
    },
  };
};

/** All spikes of a run's norms, in order: those that watching step after step names. */
export const spikesOf = (
  run: readonly { readonly step: number; readonly norms: Readonly<Record<string, number>> }[],
  options: SpikeOptions = {},
): readonly Spike[] => {
  const { start, watch } = spikeDetector(options);
  let history = start;
  return run.flatMap(({ step, norms }) => {
    const seen = watch(history, step, norms);
    history = seen.history;
    return seen.spikes;
  });
};
