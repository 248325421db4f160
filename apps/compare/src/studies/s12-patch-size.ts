import { ablationFigures } from "./ablation-figures.ts";
import { better } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const [coarse, fine, normed] = ["patches of 14", "patches of 7", "patches of 7, batch norm in the blocks"] as const;
const settings = [ablation(coarse, { set: ["backbone.patch=14"] }), ablation(fine), ablation(normed, { set: ["backbone.mlpNorm=batch"] })];

/** S12: a longer sequence of smaller patches helps, and so does batch norm in the blocks. */
export const patchSize: Study = {
  id: "S12",
  title: "Patch size, and batch norm in the blocks",
  paper: {
    did: "Patches of 7 pixels in the place of 16 in ViT, a sequence five times as long; and batch norm in the place of layer norm in front of the MLPs of the blocks.",
    found: "About 2 to 3 points more with patches of 7, at six times the work; about 1 point more with batch norm in the blocks.",
    where: "section 6.3, figure 8",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better(fine, coarse), better(normed, fine)],
  notes: ["Images of 28 pixels: 4 patches of 14, or 16 of 7."],
  figures: ablationFigures(settings),
};
