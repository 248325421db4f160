import { byolApp } from "@twinview/byol";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import type { App } from "@twinview/train";
import { better, contrast } from "./claims.ts";
import { knnCurves } from "./figures.ts";
import { cellImages, frozen, rate, rates, setting } from "./settings.ts";
import { accuracy, roughness, type Statistic, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

interface Pair {
  readonly title: string;
  readonly app: App;
  readonly rate: number;
  readonly set?: readonly string[];
  readonly paper?: readonly [learned: number, frozen: number];
}

const twoCrops = ["crops.small=0"];

/** The paper gives the gain of SimCLR and BYOL in points, not the accuracies. */
const pairs: readonly Pair[] = [
  { title: `MoCo v3, rate ${rates.base}`, app: mocoV3App, rate: rates.base, paper: [72.2, 72.8] },
  { title: `MoCo v3, rate ${rates.large}`, app: mocoV3App, rate: rates.large, paper: [71.7, 73.4] },
  { title: `MoCo v3, rate ${rates.larger}`, app: mocoV3App, rate: rates.larger },
  { title: `MoCo v3, rate ${rates.unstable}`, app: mocoV3App, rate: rates.unstable },
  { title: `SimCLR, rate ${rates.larger}`, app: simclrApp, rate: rates.larger },
  { title: `SimCLR, rate ${rates.unstable}`, app: simclrApp, rate: rates.unstable },
  { title: `BYOL, rate ${rates.large}`, app: byolApp, rate: rates.large },
  { title: `BYOL, rate ${rates.larger}`, app: byolApp, rate: rates.larger },
  { title: `SwAV, rate ${rates.larger}`, app: swavApp, rate: rates.larger, set: twoCrops, paper: [65.8, 66.4] },
  { title: `SwAV, rate ${rates.unstable}`, app: swavApp, rate: rates.unstable, set: twoCrops },
];
const learnedName = (title: string): string => `${title}, learned`;
const frozenName = (title: string): string => `${title}, frozen`;
const gain = (title: string) => better(frozenName(title), learnedName(title));
const calmer = (statistic: Statistic, title: string) =>
  contrast(statistic, `${statistic.name}: fewer in ${frozenName(title)}`, { [learnedName(title)]: 1, [frozenName(title)]: -1 });
const main = `MoCo v3, rate ${rates.large}`;
const calm = `MoCo v3, rate ${rates.base}`;
const unsteady = `MoCo v3, rate ${rates.larger}`;
const broken = `MoCo v3, rate ${rates.unstable}`;
const clip = (kind: string): readonly string[] => [`optimizer.clip.kind=${kind}`];

/** Other cures, for a learned projection; the limit is about the usual norm at the rate (docs/studies/README.md). */
const clips = [
  { title: unsteady, value: rates.larger, norm: 0.4 },
  { title: broken, value: rates.unstable, norm: 0.1 },
].flatMap(({ title, value, norm }) => [
  { title, name: `${title}, learned, clipped to norm ${norm}`, set: [rate(value), ...clip("global-norm"), `optimizer.clip.norm=${norm}`] },
  { title, name: `${title}, learned, adaptive clipping`, set: [rate(value), ...clip("adaptive")] },
]);

/** S5: a patch projection that is not trained makes training stable. */
export const frozenPatch: Study = {
  id: "S5",
  title: "Frozen random patch projection",
  paper: {
    did: "ViT-B/16, 100 epochs, batch 4096, AdamW: the patch projection learned, or fixed at its random initial values, in MoCo v3 at three rates, SimCLR, BYOL and SwAV.",
    found:
      "Smoother curves and higher accuracy: MoCo v3 +.4, +.6 and +1.7 points from the smallest to the largest rate, 73.4 at 1.5e-4; SimCLR +.8, BYOL +1.3; SwAV bears a larger rate before it ends in NaN, and gains .6 (65.8 to 66.4). Clipping the gradient of the projection helps if the limit is small enough; a norm on the projection does not help. With rates that are larger still training is unstable all the same.",
    where: "section 4.2, figures 5 and 6",
  },
  settings: [
    ...pairs.flatMap(({ title, app, rate: value, set = [], paper }) => {
      const shared = [rate(value), ...set];
      return [
        setting(learnedName(title), { app, set: shared, ...(paper === undefined ? {} : { paper: paper[0] }) }),
        setting(frozenName(title), { app, set: [frozen, ...shared], ...(paper === undefined ? {} : { paper: paper[1] }) }),
      ];
    }),
    ...clips.map(({ name, set }) => setting(name, { set })),
  ],
  seeds: 3,
  images: cellImages,
  statistic: "final kNN accuracy at the large rate, and the sum of the falls of the kNN curve",
  claims: [gain(main), calmer(roughness, main)],
  besides: [
    ...pairs.filter(({ title }) => title !== main).map(({ title }) => gain(title)),
    contrast(accuracy, `${accuracy.name}: the gain at rate ${rates.large} above that at ${rates.base}`, {
      [frozenName(main)]: 1,
      [learnedName(main)]: -1,
      [frozenName(calm)]: -1,
      [learnedName(calm)]: 1,
    }),
    ...pairs.filter(({ title }) => title !== main && title !== calm).map(({ title }) => calmer(roughness, title)),
    ...pairs.map(({ title }) => calmer(spikes, title)),
    ...clips.flatMap(({ title, name }) => [
      better(name, learnedName(title)),
      contrast(roughness, `${roughness.name}: less in ${name}`, { [learnedName(title)]: 1, [name]: -1 }),
    ]),
  ],
  notes: [
    "SwAV with its two large crops and no small ones, as in the paper. SimCLR, BYOL and SwAV at rates at which a trial with another seed had them unstable, or four times or a quarter of that (docs/studies/README.md). Clipping here is of all gradients, the paper's is of the projection's.",
  ],
  figures: (settings) =>
    knnCurves(settings, [
      ...pairs.map(({ title }) => ({ title, settings: [learnedName(title), frozenName(title)] })),
      ...[unsteady, broken].map((title) => ({
        title: `${title}, clipping`,
        settings: [learnedName(title), ...clips.filter((one) => one.title === title).map(({ name }) => name)],
      })),
    ]),
};
