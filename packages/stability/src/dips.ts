import type { Spike } from "./spikes.ts";

/** One evaluation during training: accuracy in 0..1 after a number of steps. */
export interface CurvePoint {
  readonly step: number;
  readonly accuracy: number;
}

/** A stretch of a curve that lies clearly below the best before it. */
export interface Dip {
  /** The evaluation before it fell: still good. */
  readonly since: number;
  /** The first evaluation that is low. */
  readonly step: number;
  /** The evaluation at which the old level was reached again; null when it never was. */
  readonly recovered: number | null;
  /** The best before, and the lowest within, in 0..1. */
  readonly from: number;
  readonly lowest: number;
}

/**
 * How far a kNN curve must fall before it counts as a dip: two standard errors of the difference of two evaluations on the same
 * `queries` images, of which about a tenth change sides from one to the next: `2 sqrt(0.1 / queries)`, at least half a point.
 */
export const dipDepth = (queries: number): number => Math.max(0.005, 2 * Math.sqrt(0.1 / queries));

/** The dips of a curve: where it lies more than `depth` below its best so far, until it comes back to within `depth` of it. */
export const dipsOf = (curve: readonly CurvePoint[], { depth }: { readonly depth: number }): readonly Dip[] => {
  const dips: Dip[] = [];
  let best: CurvePoint | undefined;
  let since = 0;
  let open: Dip | undefined;
  for (const point of curve) {
    const { step, accuracy } = point;
    if (best !== undefined && accuracy < best.accuracy - depth) {
      open =
        open === undefined
          ? { since, step, recovered: null, from: best.accuracy, lowest: accuracy }
          : { ...open, lowest: Math.min(open.lowest, accuracy) };
      continue;
    }
    if (open !== undefined) dips.push({ ...open, recovered: step });
    open = undefined;
    since = step;
    if (best === undefined || accuracy > best.accuracy) best = point;
  }
  return open === undefined ? dips : [...dips, open];
};

/** The spike that a dip is put down to: the strongest between the last good evaluation and the first low one. */
export const spikeBefore = ({ since, step }: Pick<Dip, "since" | "step">, spikes: readonly Spike[]): Spike | undefined => {
  const between = spikes.filter((spike) => spike.step >= since && spike.step < step);
  return between.length === 0 ? undefined : between.reduce((a, b) => (b.z > a.z ? b : a));
};
