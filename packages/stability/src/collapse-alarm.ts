/** A metric of the embeddings stayed below its floor: images look alike to the encoder. */
export interface Collapse {
  /** The step at which it is said, and the first of the steps in a row that show it. */
  readonly step: number;
  readonly since: number;
  /** The metric that shows it, its value at `step`, and its floor. */
  readonly metric: string;
  readonly value: number;
  readonly floor: number;
}

/** All metrics stayed above their floors again. */
export interface Recovery {
  readonly step: number;
  /** The step at which the collapse was said, the metric that showed it, and its value now. */
  readonly since: number;
  readonly metric: string;
  readonly value: number;
}

export interface CollapseOptions {
  /**
   * The value of each metric below which it shows a collapse; the first named is told when several do. As standard
   *
   * - `embeddingStd` .45: the four methods on Fashion-MNIST stayed above .70, SwAV with small crops above .64; BYOL without predictor
   *   and SwAV without Sinkhorn fell to between .16 and .42 and stayed there (docs/stability.md). Random embeddings have
   *   `sqrt(1 - 1 / B)`, .71 at a batch of two.
   * - `prototypeEntropy` .1: healthy SwAV stayed above .97, without Sinkhorn it fell to .04 or less. A batch of B images decided
   *   among K prototypes has at most `log B / log K`: .26 for 8 among 3,000, which stays above.
   *
   * The effective rank is none of them: it was as low as 1.3 in healthy runs and as high as 14 in collapsed ones, for it sees how
   * embeddings are spread about their mean and not how far.
   */
  readonly floors?: Readonly<Record<string, number>>;
  /** So many steps in a row show a collapse, so many without a low metric that it is over. One batch proves nothing. */
  readonly steps?: number;
  /** Images a step. Below 8 the use of prototypes is left out: so few images cannot use many. */
  readonly batch?: number;
}

/** What is known after some steps. */
export interface CollapseHistory {
  /** How often in a row each metric was low, and since which step. */
  readonly low: Readonly<Record<string, { readonly count: number; readonly since: number }>>;
  /** For how many steps in a row none was. */
  readonly well: number;
  readonly collapse: Collapse | undefined;
}

const standardFloors = { embeddingStd: 0.45, prototypeEntropy: 0.1 } as const;
const fewImages = 8;

/**
 * Says once that representations collapse, and once when they no longer do; then it may say so again. With f the floor of a metric,
 *
 *     collapse when x(t) < f in each of the last `steps` steps, over when no metric was below its floor in so many
 *
 * What was not measured in a step (absent, or NaN) is passed over. State in, state out: `watch(history, step, metrics)`.
 */
export const collapseAlarm = (options: CollapseOptions = {}) => {
  const { floors: given = standardFloors, steps = 20, batch = Number.POSITIVE_INFINITY } = options;
  const floors = Object.entries(given).filter(([metric]) => batch >= fewImages || metric !== "prototypeEntropy");
  const isMeasured = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);

  const counted = (history: CollapseHistory, step: number, metrics: Readonly<Record<string, number>>): CollapseHistory => {
    const measured = floors.filter(([metric]) => isMeasured(metrics[metric]));
    const low = measured.map(([metric, floor]) => {
      if ((metrics[metric] as number) >= floor) return [metric, { count: 0, since: step }] as const;
      const before = history.low[metric];
      const goesOn = before !== undefined && before.count > 0;
      return [metric, { count: goesOn ? before.count + 1 : 1, since: goesOn ? before.since : step }] as const;
    });
    const well = low.some(([, { count }]) => count > 0) ? 0 : history.well + (measured.length > 0 ? 1 : 0);
    return { ...history, low: { ...history.low, ...Object.fromEntries(low) }, well };
  };

  const watch = (
    before: CollapseHistory,
    step: number,
    metrics: Readonly<Record<string, number>>,
  ): { readonly history: CollapseHistory; readonly collapse?: Collapse; readonly recovery?: Recovery } => {
    const history = counted(before, step, metrics);
    if (before.collapse !== undefined) {
      const { metric, step: since } = before.collapse;
      if (history.well < steps) return { history };
      return { history: { ...history, collapse: undefined }, recovery: { step, since, metric, value: metrics[metric] ?? Number.NaN } };
    }
    const shows = floors.find(([metric]) => (history.low[metric]?.count ?? 0) >= steps && isMeasured(metrics[metric]));
    if (shows === undefined) return { history };
    const [metric, floor] = shows;
    const { since } = history.low[metric] as { readonly since: number };
    const collapse = { step, since, metric, value: metrics[metric] as number, floor };
    return { history: { ...history, collapse }, collapse };
  };

  return { start: { low: {}, well: 0, collapse: undefined } as CollapseHistory, watch };
};
