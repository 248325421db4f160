import { ablationFigures } from "./ablation-figures.ts";
import { best, equal } from "./claims.ts";
import { ablation, cellImages } from "./settings.ts";
import type { Study } from "./study.ts";

const name = (m: number): string => `m = ${m}`;
const tried = [
  { m: 0, paper: 74.3 },
  { m: 0.9, paper: 75.6 },
  { m: 0.99, paper: 76.5 },
  { m: 0.999, paper: 75.0 },
] as const;
const settings = tried.map(({ m, paper }) => ablation(name(m), { set: [`momentum=${m}`], paper }));

/** S11: a moving average of .99 is best, none works. */
export const momentum: Study = {
  id: "S11",
  title: "Momentum of the target encoder",
  paper: {
    did: "ViT-B/16, MoCo v3, 300 epochs with a momentum of 0, .9, .99 and .999.",
    found: "74.3, 75.6, 76.5 and 75.0: .99 is best; without a moving average, as in SimCLR, training works and loses 2.2 points.",
    where: "section 6.2, momentum encoder",
  },
  settings,
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy",
  claims: [best(name(0.99), [name(0), name(0.9), name(0.999)]), equal(name(0.99), name(0), 0.05)],
  notes: [
    "The momentum follows a cosine to 1 from the value given, 0 stays 0. A run of a few hundred steps is shorter than what a momentum of .999 averages over.",
  ],
  figures: ablationFigures(settings),
};
