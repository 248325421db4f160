import { type Spike, spikeLags, spikesOf } from "@twinview/stability";
import { medianOf } from "../statistics.ts";
import type { GradientCurves, MeasuredCell } from "./measured-cell.ts";
import type { Statistic } from "./statistics.ts";
import type { Claim } from "./study.ts";

/** Fewer events than this tell nothing. */
const enough = 3;

/**
 * A norm this many times its level is a leap: half of what the alarm for all of sixty layers takes. The first and the last layer of
 * the 16 healthy runs on ViT of docs/results/comparison.md leapt twice in 16,296 steps.
 */
const leap = 3;

const leapsOf = ({ steps, first, last }: GradientCurves): readonly Spike[] =>
  spikesOf(
    steps.map((step, i) => ({ step, norms: { [first.layer]: first.norms[i] as number, [last.layer]: last.norms[i] as number } })),
    { ratio: leap, leap, least: 8 },
  );

const lagsOf = ({ gradients }: MeasuredCell) =>
  gradients === undefined
    ? { lags: [], onlyFirst: 0, onlyLast: 0 }
    : spikeLags(leapsOf(gradients), { first: gradients.first.layer, last: gradients.last.layer });

/** The lags of all runs put together, and the leaps of one end that the other did not follow. */
const lagsIn = (cells: readonly MeasuredCell[]) =>
  cells.map(lagsOf).reduce(
    (sum, one) => ({
      lags: [...sum.lags, ...one.lags],
      onlyFirst: sum.onlyFirst + one.onlyFirst,
      onlyLast: sum.onlyLast + one.onlyLast,
    }),
    { lags: [] as readonly number[], onlyFirst: 0, onlyLast: 0 },
  );

/** Gradients leap in the first layer before they leap in the last, in the runs of a setting. */
export const firstLeadsLast = (name: string): Claim => ({
  says: `${name}: leaps of the patch projection's gradient (to ${leap} times its level) come before those of the last block (yes: of at least ${enough} pairs of leaps at most 60 steps apart two thirds have the first layer ahead; no: of at least ${enough} pairs fewer, or at least ${enough} leaps of the first layer and none of the last near any of them; else unclear)`,
  judge: (settings) => {
    const cells = settings.find((setting) => setting.name === name)?.cells ?? [];
    const { lags, onlyFirst, onlyLast } = lagsIn(cells);
    const ahead = lags.filter((lag) => lag > 0).length;
    const alone = `${onlyFirst} leaps of the first layer alone, ${onlyLast} of the last`;
    if (lags.length === 0) return { verdict: onlyFirst >= enough ? "no" : "unclear", measured: `no pairs; ${alone}` };
    const measured = `${lags.length} pairs, the first layer ahead in ${ahead}, median lag ${medianOf(lags)} steps; ${alone}`;
    if (lags.length < enough) return { verdict: "unclear", measured };
    return { verdict: 3 * ahead >= 2 * lags.length ? "yes" : "no", measured };
  },
});

/** How much oftener gradients leap in the first layer than in the last. */
export const firstMoreThanLast: Statistic = {
  name: "leaps of the first layer's gradient less those of the last",
  of: (cell) => {
    const { onlyFirst, onlyLast } = lagsOf(cell);
    return onlyFirst - onlyLast;
  },
  least: 1,
  quietest: 0.5,
  text: (x) => x.toFixed(1),
  unit: "leaps",
};
