import { contrast, more } from "./claims.ts";
import { transferBars } from "./figures.ts";
import { cellImages } from "./settings.ts";
import { gap, transferred } from "./statistics.ts";
import type { Study } from "./study.ts";
import { toEmoji, untrained, withLabels, withoutLabels } from "./transfer-settings.ts";

const [self, labels, scratch] = ["MoCo v3", "supervised", "from scratch"] as const;
const settings = [withoutLabels(self), withLabels(labels), untrained(scratch)];

/** S14: pre-training without labels transfers better than with labels, and over-fits less. */
export const transfer: Study = {
  id: "S14",
  title: "Transfer",
  paper: {
    did: "Fine-tuning of MoCo v3 encoders on CIFAR-10, CIFAR-100, Flowers-102 and Pets, against supervised pre-training on ImageNet.",
    found: "Self-supervised pre-training beats supervised for the larger ViT, and over-fits less.",
    where: "section 6.4, table 6",
  },
  settings,
  seeds: 3,
  images: cellImages,
  transfer: toEmoji,
  statistic: "accuracy after fine-tuning on emoji",
  claims: [more(transferred, self, labels)],
  besides: [
    contrast(gap, `${gap.name}: smaller for ${self} than for ${labels}`, { [labels]: 1, [self]: -1 }),
    more(transferred, self, scratch),
    more(transferred, labels, scratch),
  ],
  notes: [
    "Pre-training on Fashion-MNIST in the place of ImageNet, fine-tuning on emoji: few training images of other things. One size of encoder.",
    "The error is that between seeds: all seeds share the few hundred test images.",
  ],
  figures: transferBars,
};
