import { ablationFigures } from "./ablation-figures.ts";
import { better, equal } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const settings = [
  ablation("sin-cos", { paper: 76.5 }),
  ablation("learned", { set: ["backbone.position=learned"], paper: 76.1 }),
  ablation("none", { set: ["backbone.position=none"], paper: 74.9 }),
];

/** S7: positions are hardly used. */
export const position: Study = {
  id: "S7",
  title: "Position embedding",
  paper: {
    did: "ViT-B/16, MoCo v3, 300 epochs: fixed sine-cosine positions, learned ones, none.",
    found: "76.5, 76.1 and 74.9: without positions, as a bag of patches, the model loses no more than 1.6 points.",
    where: "section 6.2, position embedding",
  },
  settings,
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better("sin-cos", "none"), equal("sin-cos", "none", 0.05)],
  besides: [equal("sin-cos", "learned", 0.015), better("learned", "none")],
  notes: ["16 patches of 7 pixels, where the paper has 196 of 16."],
  figures: ablationFigures(settings),
};
