import { ablationFigures } from "./ablation-figures.ts";
import { better, equal } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const [token, normed, plain] = ["class token", "average, with final norm", "average, no final norm"] as const;
const settings = [
  ablation(token, { paper: 76.5 }),
  ablation(normed, { set: ["backbone.readout=average"], paper: 69.7 }),
  ablation(plain, { set: ["backbone.readout=average", "backbone.finalNorm=false"], paper: 76.3 }),
];

/** S8: the class token is not needed, but the norm before the average hurts. */
export const classToken: Study = {
  id: "S8",
  title: "Class token",
  paper: {
    did: "ViT-B/16, MoCo v3, 300 epochs: features from the class token; from the average of all patches after the final layer norm; from the average without that norm.",
    found: "76.5, 69.7 and 76.3: the class token is not essential, and the choice of norm makes a difference.",
    where: "section 6.2, class token",
  },
  settings,
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [better(token, normed), better(plain, normed), equal(token, plain, 0.015)],
  notes: [],
  figures: ablationFigures(settings),
};
