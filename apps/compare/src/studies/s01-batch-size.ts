import { contrast, more } from "./claims.ts";
import { knnCurves } from "./figures.ts";
import { cellImages, setting } from "./settings.ts";
import { accuracy, dips, roughness, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

const name = (batch: number): string => `batch ${batch}`;
const sizes = [
  { batch: 64, paper: 71.5 },
  { batch: 256, paper: 72.6 },
  { batch: 1024, paper: 72.2 },
  { batch: 2048, paper: 69.7 },
] as const;

/** S1: a larger batch trains less stably. */
export const batchSize: Study = {
  id: "S1",
  title: "Batch size",
  paper: {
    did: "ViT-B/16, MoCo v3, 100 epochs with batches of 1024, 2048, 4096 and 6144; AdamW, base rate 1e-4 times batch / 256; kNN accuracy as the monitor.",
    found:
      "1024 and 2048 give smooth curves (linear probe 71.5, 72.6); 4096 has visible dips (72.2), 6144 large ones (69.7), as if training restarted in part.",
    where: "section 4.1, figure 1",
  },
  settings: sizes.map(({ batch, paper }) => setting(name(batch), { batch, paper, times: 2 })),
  seeds: 3,
  images: cellImages,
  statistic: "sum of the falls of the kNN curve, then final kNN accuracy",
  claims: [
    more(roughness, name(2048), name(64)),
    contrast(accuracy, `${accuracy.name}: ${name(2048)} below ${name(256)}`, { [name(256)]: 1, [name(2048)]: -1 }),
  ],
  besides: [more(dips, name(2048), name(64)), more(spikes, name(2048), name(64))],
  notes: [
    "Batches a sixteenth to a third of the paper's, twice the length of the other studies so that the largest still takes more than a hundred steps.",
    "The same images for every batch, as in the paper: the largest batch takes 32 times fewer steps than the smallest, which alone can cost accuracy.",
  ],
  figures: (settings) =>
    knnCurves(
      settings,
      sizes.map(({ batch }) => ({ title: name(batch), settings: [name(batch)] })),
    ),
};
