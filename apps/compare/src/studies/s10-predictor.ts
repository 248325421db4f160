import { ablationFigures } from "./ablation-figures.ts";
import { better } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const settings = [ablation("with predictor", { paper: 76.5 }), ablation("without", { set: ["heads.predictor=false"], paper: 75.5 })];

/** S10: the prediction head helps. */
export const predictor: Study = {
  id: "S10",
  title: "Prediction head",
  paper: {
    did: "ViT-B/16, MoCo v3, 300 epochs: with the prediction head, and without.",
    found: "76.5 and 75.5: it helps, and a contrastive method works without it.",
    where: "section 6.2, prediction head",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better("with predictor", "without")],
  notes: [],
  figures: ablationFigures(settings),
};
