import { type Spike, spikeLags } from "@twinview/stability";
import { medianOf } from "../statistics.ts";
import type { MeasuredCell } from "./measured-cell.ts";
import type { Claim } from "./study.ts";

/** Fewer events than this tell nothing. */
const enough = 3;

/** The lags of all runs put together, and the spikes of one end that the other did not follow. */
const lagsIn = (cells: readonly MeasuredCell[]) =>
  cells
    .flatMap(({ spikes, gradients }) => {
      if (gradients === undefined) return [];
      const known = spikes.map((spike): Spike => ({ ...spike, z: Number.NaN }));
      return [spikeLags(known, { first: gradients.first.layer, last: gradients.last.layer })];
    })
    .reduce(
      (sum, one) => ({
        lags: [...sum.lags, ...one.lags],
        onlyFirst: sum.onlyFirst + one.onlyFirst,
        onlyLast: sum.onlyLast + one.onlyLast,
      }),
      { lags: [] as readonly number[], onlyFirst: 0, onlyLast: 0 },
    );

/** Spikes run from the first layer to the last in the runs of a setting. */
export const firstLeadsLast = (name: string): Claim => ({
  says: `${name}: gradient spikes of the patch projection come before those of the last block (yes: of at least ${enough} pairs of spikes at most 60 steps apart two thirds have the first layer ahead; no: of at least ${enough} pairs fewer, or at least ${enough} spikes of the first layer and none of the last near any of them; else unclear)`,
  judge: (settings) => {
    const cells = settings.find((setting) => setting.name === name)?.cells ?? [];
    const { lags, onlyFirst, onlyLast } = lagsIn(cells);
    const ahead = lags.filter((lag) => lag > 0).length;
    const alone = `${onlyFirst} spikes of the first layer alone, ${onlyLast} of the last`;
    if (lags.length === 0) return { verdict: onlyFirst >= enough ? "no" : "unclear", measured: `no pairs; ${alone}` };
    const measured = `${lags.length} pairs, the first layer ahead in ${ahead}, median lag ${medianOf(lags)} steps; ${alone}`;
    if (lags.length < enough) return { verdict: "unclear", measured };
    return { verdict: 3 * ahead >= 2 * lags.length ? "yes" : "no", measured };
  },
});
