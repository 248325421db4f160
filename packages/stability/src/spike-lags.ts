import type { Spike } from "./spikes.ts";

export interface SpikeLagOptions {
  readonly first: string;
  readonly last: string;
  /** Spikes farther apart than this many steps are not taken for one event. */
  readonly within?: number;
  /** Spikes of one layer at most this many steps apart are one that lasts; its first step counts. */
  readonly gap?: number;
}

/** Spikes of two layers put in pairs. */
export interface SpikeLags {
  /** For each pair, by how many steps the last layer follows the first; negative when it comes before. */
  readonly lags: readonly number[];
  /** Spikes of one layer without one of the other near them. */
  readonly onlyFirst: number;
  readonly onlyLast: number;
}

const onsets = (spikes: readonly Spike[], layer: string, gap: number): readonly number[] => {
  const steps = spikes
    .filter((spike) => spike.layer === layer)
    .map(({ step }) => step)
    .sort((a, b) => a - b);
  return steps.filter((step, i) => i === 0 || step - (steps[i - 1] as number) > gap);
};

/**
 * How many steps the spikes of one layer come after those of another: the paper finds the first layer "tens of steps" ahead of the
 * last. Each spike is paired with the nearest one of the other layer, nearest pairs first, each spike once.
 * @see MoCo v3, arXiv 2104.02057, section 4.2 and figure 4.
 */
export const spikeLags = (spikes: readonly Spike[], { first, last, within = 60, gap = 5 }: SpikeLagOptions): SpikeLags => {
  const [starts, ends] = [onsets(spikes, first, gap), onsets(spikes, last, gap)];
  const near = starts
    .flatMap((start) => ends.map((end) => ({ start, end, lag: end - start })))
    .filter(({ lag }) => Math.abs(lag) <= within)
    .sort((a, b) => Math.abs(a.lag) - Math.abs(b.lag));
  const taken = new Set<string>();
  const pairs = near.filter(({ start, end }) => {
    const keys = [`first ${start}`, `last ${end}`];
    if (keys.some((key) => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  });
  const lags = pairs.sort((a, b) => a.start - b.start).map(({ lag }) => lag);
  return { lags, onlyFirst: starts.length - pairs.length, onlyLast: ends.length - pairs.length };
};
