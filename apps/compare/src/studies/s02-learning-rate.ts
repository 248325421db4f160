import { bestInside, more } from "./claims.ts";
import { knnCurves } from "./figures.ts";
import { cellImages, rate, rates, setting } from "./settings.ts";
import { dips, roughness, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

const name = (value: number): string => `rate ${value}`;
const tried = [
  { value: rates.small, paper: 70.4 },
  { value: rates.base, paper: 72.2 },
  { value: rates.large, paper: 71.7 },
  { value: rates.larger },
] as const;
const names = tried.map(({ value }) => name(value));

/** S2: a small rate under-fits, a large one is unstable. */
export const learningRate: Study = {
  id: "S2",
  title: "Learning rate",
  paper: {
    did: "ViT-B/16, MoCo v3, 100 epochs, batch 4096, AdamW with base rates .5e-4, 1e-4 and 1.5e-4 (times batch / 256).",
    found:
      ".5e-4 is stable but under-fits (70.4), 1e-4 is best in spite of dips (72.2), 1.5e-4 dips more and is worse (71.7 without the frozen projection that brings it to 73.4).",
    where: "section 4.1, figure 2",
  },
  settings: tried.map(({ value, ...paper }) => setting(name(value), { set: [rate(value)], ...paper })),
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy, and the sum of the falls of the kNN curve",
  claims: [bestInside(names), more(roughness, name(rates.larger), name(rates.small))],
  besides: [more(dips, name(rates.larger), name(rates.small)), more(spikes, name(rates.larger), name(rates.small))],
  notes: ["Steps of four between rates, where the paper has a half: a mini ViT of four blocks bears larger rates, and a curve bends less."],
  figures: (settings) =>
    knnCurves(
      settings,
      names.map((one) => ({ title: one, settings: [one] })),
    ),
};
