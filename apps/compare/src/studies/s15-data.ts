import { more } from "./claims.ts";
import { transferBars } from "./figures.ts";
import { cellImages } from "./settings.ts";
import { transferred } from "./statistics.ts";
import type { Study } from "./study.ts";
import { toEmoji, withLabels, withoutLabels } from "./transfer-settings.ts";

const [selfTenth, selfAll, labelsTenth, labelsAll] = [
  "MoCo v3, a tenth of the images",
  "MoCo v3, all images",
  "supervised, a tenth of the images",
  "supervised, all images",
] as const;

/** S15: supervised pre-training on much more data can win. */
export const amountOfData: Study = {
  id: "S15",
  title: "Amount of data",
  paper: {
    did: "Self-supervised pre-training on ImageNet against supervised pre-training on 300 million images and more.",
    found: "Supervised pre-training on that much data can win.",
    where: "sections 1 and 6.3",
  },
  settings: [withoutLabels(selfTenth, 0.1), withoutLabels(selfAll), withLabels(labelsTenth, 0.1), withLabels(labelsAll)],
  seeds: 3,
  images: cellImages,
  transfer: toEmoji,
  statistic: "accuracy after fine-tuning on emoji",
  claims: [more(transferred, labelsAll, selfTenth)],
  besides: [more(transferred, labelsAll, labelsTenth), more(transferred, selfAll, selfTenth), more(transferred, labelsAll, selfAll)],
  notes: [
    "Ten times the data here, hundreds of times in the paper; all settings take the same number of steps.",
    "The error is that between seeds: all seeds share the few hundred test images.",
  ],
  figures: transferBars,
};
