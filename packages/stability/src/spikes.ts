/** A step at which the gradient of one layer stood far above its recent past. */
export interface Spike {
  readonly step: number;
  readonly layer: string;
  /** Norm over the median of the window before it. */
  readonly ratio: number;
}

export interface SpikeOptions {
  /** How many past steps make up the median. */
  readonly window?: number;
  /** From which ratio on a norm counts as a spike. */
  readonly ratio?: number;
}

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/**
 * Watches gradient norms and names the layers that spike: norm above `ratio` times the median of the last `window` steps.
 * Nothing is called a spike before half a window has been seen. State in, state out: `watch(history, step, norms)`.
 */
export const spikeDetector = ({ window = 64, ratio = 3 }: SpikeOptions = {}) => {
  type History = Readonly<Record<string, readonly number[]>>;
  return {
    start: {} as History,
    watch: (
      history: History,
      step: number,
      norms: Readonly<Record<string, number>>,
    ): { readonly history: History; readonly spikes: readonly Spike[] } => {
      const spikes = Object.entries(norms).flatMap(([layer, norm]) => {
        const past = history[layer] ?? [];
        if (past.length < window / 2) return [];
        const over = norm / Math.max(medianOf(past), Number.MIN_VALUE);
        return over > ratio ? [{ step, layer, ratio: over }] : [];
      });
      const grown = Object.entries(norms).map(([layer, norm]) => [layer, [...(history[layer] ?? []), norm].slice(-window)] as const);
      return { history: Object.fromEntries(grown), spikes };
    },
  };
};

/** Indices of a curve at which it lies below its best so far by more than `depth`: the dips of the paper's kNN curves. */
export const dipsOf = (curve: readonly number[], { depth = 0.02 }: { readonly depth?: number } = {}): readonly number[] => {
  let best = Number.NEGATIVE_INFINITY;
  return curve.flatMap((value, i) => {
    const dips = value < best - depth;
    best = Math.max(best, value);
    return dips ? [i] : [];
  });
};
