import type { SpikeRecord } from "./metric-record.ts";

/** Spikes of neighbouring steps as one event. */
export interface SpikeEvent {
  /** Steps, from 0. */
  readonly first: number;
  readonly last: number;
  /** The layer that spiked most in the first step: where it began. */
  readonly began: string;
  readonly strongest: SpikeRecord;
  /** How many layers spiked in one of the steps. */
  readonly layers: number;
}

const strongestOf = (spikes: readonly SpikeRecord[]): SpikeRecord => spikes.reduce((a, b) => (b.ratio > a.ratio ? b : a));

const eventOf = (spikes: readonly SpikeRecord[]): SpikeEvent => {
  const first = (spikes[0] as SpikeRecord).step;
  return {
    first,
    last: (spikes.at(-1) as SpikeRecord).step,
    began: strongestOf(spikes.filter(({ step }) => step === first)).layer,
    strongest: strongestOf(spikes),
    layers: new Set(spikes.map(({ layer }) => layer)).size,
  };
};

/** Spikes that lie at most `gap` steps apart belong together: a leap that runs through the layers is one event. In order of time. */
export const spikeEvents = (spikes: readonly SpikeRecord[], gap = 5): readonly SpikeEvent[] => {
  const groups: SpikeRecord[][] = [];
  for (const spike of [...spikes].sort((a, b) => a.step - b.step)) {
    const current = groups.at(-1);
    if (current !== undefined && spike.step - (current.at(-1) as SpikeRecord).step <= gap) current.push(spike);
    else groups.push([spike]);
  }
  return groups.map(eventOf);
};

/** The events by the largest ratio in each. */
export const strongestFirst = (events: readonly SpikeEvent[]): readonly SpikeEvent[] =>
  [...events].sort((a, b) => b.strongest.ratio - a.strongest.ratio);
