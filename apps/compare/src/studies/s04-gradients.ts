import { contrast, more } from "./claims.ts";
import { gradientCurves, knnCurves } from "./figures.ts";
import { cellImages, frozen, rate, rates, setting } from "./settings.ts";
import { firstLeadsLast, firstMoreThanLast } from "./spike-order.ts";
import { dent, dips, roughness, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

const learned = (value: number): string => `learned, rate ${value}`;
const cured = (value: number): string => `frozen, rate ${value}`;
const unsteady = [rates.larger, rates.unstable] as const;
const [larger, unstable] = [learned(rates.larger), learned(rates.unstable)];

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
  settings: unsteady.flatMap((value) => [
    setting(learned(value), { set: [rate(value)] }),
    setting(cured(value), { set: [frozen, rate(value)] }),
  ]),
  seeds: 3,
  images: cellImages,
  statistic: "the lag from leaps of the first layer's gradient to those of the last",
  claims: [firstLeadsLast(unstable)],
  besides: [
    firstLeadsLast(larger),
    ...[larger, unstable].map((name) => contrast(firstMoreThanLast, `${name}: ${firstMoreThanLast.name}, above 0`, { [name]: 1 })),
    ...[larger, unstable].map((name) => contrast(dent, `${name}: ${dent.name}, above 0`, { [name]: 1 })),
    more(dips, unstable, larger),
    ...unsteady.flatMap((value) =>
      [spikes, roughness].map((statistic) =>
        contrast(statistic, `${statistic.name}: less in ${cured(value)} than in ${learned(value)}`, {
          [learned(value)]: 1,
          [cured(value)]: -1,
        }),
      ),
    ),
  ],
  notes: [
    "Unstable on purpose: the rates were searched for (docs/studies/README.md). The larger of them is sixty-four times the base rate of S2.",
    "A frozen projection has no gradient: its first layer is the first attention.",
  ],
  figures: (settings) => [
    ...settings.filter(({ name }) => name === larger || name === unstable).flatMap(gradientCurves),
    ...knnCurves(
      settings,
      unsteady.map((value) => ({ title: `rate ${value}`, settings: [learned(value), cured(value)] })),
    ),
  ],
};
