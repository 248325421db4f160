import { ablationFigures } from "./ablation-figures.ts";
import { better } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const settings = [ablation("with batch norm", { paper: 76.5 }), ablation("without", { set: ["heads.norm=false"], paper: 74.4 })];

/** S9: batch norm in the heads helps. */
export const headNorm: Study = {
  id: "S9",
  title: "Batch norm in the heads",
  paper: {
    did: "ViT-B/16, MoCo v3, 300 epochs: heads with batch norm, and without any (at batch 2048: with 4096 it did not converge).",
    found: "76.5 and 74.4: helpful, not needed.",
    where: "section 6.2, batch norm in MLP heads",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better("with batch norm", "without")],
  notes: ["Both at the same batch of 256."],
  figures: ablationFigures(settings),
};
