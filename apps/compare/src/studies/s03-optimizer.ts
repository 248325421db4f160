import { contrast } from "./claims.ts";
import { knnCurves } from "./figures.ts";
import { cellImages, rate, rates, setting } from "./settings.ts";
import { accuracy, roughness } from "./statistics.ts";
import type { Study } from "./study.ts";

const adamw = `AdamW, rate ${rates.base}`;
const adamwLarger = `AdamW, rate ${rates.larger}`;
const lambRates = { good: 5e-3, large: 2e-2, larger: 4e-2 } as const;
const lamb = (value: number): string => `LAMB, rate ${value}`;
const lambSetting = (value: number, paper: number) =>
  setting(lamb(value), { set: ["optimizer.kind=lamb", "optimizer.weightDecay=0.001", rate(value)], paper });
const [good, large, larger] = [lamb(lambRates.good), lamb(lambRates.large), lamb(lambRates.larger)];

/** S3: LAMB trains smoothly and is sensitive to its rate. */
export const optimizer: Study = {
  id: "S3",
  title: "Optimizer",
  paper: {
    did: "ViT-B/16, MoCo v3, 100 epochs, batch 4096: LAMB (weight decay 1e-3) with base rates 5e-4, 6e-4 and 8e-4 against AdamW at 1e-4.",
    found:
      "At its best rate LAMB is slightly better than AdamW (72.5 against 72.2); 6e-4 and 8e-4 lose 1.6 and 6.0 points. Its curves stay smooth and degrade gradually in the middle.",
    where: "section 4.1, figure 3",
  },
  settings: [
    setting(adamw, { set: [rate(rates.base)], paper: 72.2 }),
    setting(adamwLarger, { set: [rate(rates.larger)] }),
    lambSetting(lambRates.good, 72.5),
    lambSetting(lambRates.large, 70.9),
    lambSetting(lambRates.larger, 66.5),
  ],
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy, and the sum of the falls of the kNN curve",
  claims: [
    contrast(accuracy, `${accuracy.name}: ${larger} below ${good}`, { [good]: 1, [larger]: -1 }),
    contrast(roughness, `${roughness.name}: ${larger} smoother than ${adamwLarger}`, { [adamwLarger]: 1, [larger]: -1 }),
  ],
  besides: [contrast(accuracy, `${accuracy.name}: ${good} above ${adamw}`, { [good]: 1, [adamw]: -1 })],
  notes: ["The rates of LAMB were not searched for beforehand. AdamW at its largest rate of S2 stands for unstable training."],
  figures: (settings) =>
    knnCurves(settings, [
      { title: "AdamW", settings: [adamw, adamwLarger] },
      { title: good, settings: [good] },
      { title: large, settings: [large] },
      { title: larger, settings: [larger] },
    ]),
};
