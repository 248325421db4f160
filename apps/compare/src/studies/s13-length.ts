import { ablationFigures } from "./ablation-figures.ts";
import { better } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const [half, once, twice, fourfold] = ["half", "once", "twice", "four times"] as const;
const settings = [
  ablation(half, { times: 0.5 }),
  ablation(once, { paper: 72.5 }),
  ablation(twice, { times: 2, paper: 73.4 }),
  ablation(fourfold, { times: 4 }),
];

/** S13: a small model gains from training longer. */
export const trainingLength: Study = {
  id: "S13",
  title: "Training length",
  paper: {
    did: "MoCo v3 on ViT-S/16 and ViT-B/16 for 300 and 600 epochs.",
    found: "ViT-S 72.5 and 73.4, ViT-B 76.5 and 76.7: the small model gains from training longer, the larger one hardly.",
    where: "section 6.2, training length (the numbers here: ViT-S)",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better(twice, once), better(fourfold, twice)],
  notes: ["One size of encoder: whether a larger one gains less is not measured here, it would take hours on two cores."],
  figures: ablationFigures(settings),
};
