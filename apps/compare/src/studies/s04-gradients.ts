import { contrast, more } from "./claims.ts";
import { gradientCurves, knnCurves } from "./figures.ts";
import { cellImages, frozen, rate, rates, setting } from "./settings.ts";
import { firstLeadsLast } from "./spike-order.ts";
import { dips, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

const warmup = 0.02;
const large = `learned, rate ${rates.large}`;
const larger = `learned, rate ${rates.larger}`;
const cured = `frozen, rate ${rates.larger}`;

/** S4: gradient spikes start in the first layer. */
export const gradients: Study = {
  id: "S4",
  title: "Gradients of the layers",
  paper: {
    did: "The gradient of every layer over the steps of an unstable run of ViT-B/16, as a relative value.",
    found:
      "A spike of the gradient makes the kNN curve dip. Spikes come first in the first layer, the patch projection, and tens of steps later in the last layers.",
    where: "section 4.2, figure 4",
  },
  settings: [
    setting(large, { set: [rate(rates.large)], warmup }),
    setting(larger, { set: [rate(rates.larger)], warmup }),
    setting(cured, { set: [rate(rates.larger), frozen], warmup }),
  ],
  seeds: 3,
  images: cellImages,
  statistic: "the lag from spikes of the first layer to those of the last",
  claims: [firstLeadsLast(larger)],
  besides: [
    firstLeadsLast(large),
    more(dips, larger, large),
    contrast(spikes, `${spikes.name}: fewer with the frozen projection`, { [larger]: 1, [cured]: -1 }),
  ],
  notes: ["A large rate and a warm-up of a fiftieth of the run, so that training is unstable on purpose."],
  figures: (settings) => [
    ...settings.filter(({ name }) => name === larger).flatMap(gradientCurves),
    ...knnCurves(
      settings,
      [large, larger, cured].map((name) => ({ title: name, settings: [name] })),
    ),
  ],
};
