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
  readonly set: readonly string[];
  readonly paper?: readonly [learned: number, frozen: number];
}

const titled = (method: string, value: number): string => `${method}, rate ${value}`;
const pair =
  (method: string, app: App, set: readonly string[] = []) =>
  (value: number, paper?: Pair["paper"]): Pair => ({ title: titled(method, value), app, rate: value, set, ...(paper && { paper }) });
const mocoV3 = pair("MoCo v3", mocoV3App);
const simclr = pair("SimCLR", simclrApp);
const byol = pair("BYOL", byolApp);
const swav = pair("SwAV", swavApp, ["crops.small=0"]);

/** The paper gives the gain of SimCLR and BYOL in points, not the accuracies. */
const pairs: readonly Pair[] = [
  mocoV3(rates.base, [72.2, 72.8]),
  mocoV3(rates.large, [71.7, 73.4]),
  mocoV3(rates.larger),
  mocoV3(rates.unstable),
  simclr(rates.larger),
  simclr(rates.unstable),
  byol(rates.large),
  byol(rates.larger),
  swav(rates.larger, [65.8, 66.4]),
  swav(rates.unstable),
];
const learnedName = (title: string): string => `${title}, learned`;
const frozenName = (title: string): string => `${title}, frozen`;
const gain = (title: string) => better(frozenName(title), learnedName(title));
const calmer = (statistic: Statistic, title: string) =>
  contrast(statistic, `${statistic.name}: fewer in ${frozenName(title)}`, { [learnedName(title)]: 1, [frozenName(title)]: -1 });
const [calm, main] = [titled("MoCo v3", rates.base), titled("MoCo v3", rates.large)];

/** Other cures, for a learned projection; the limit is about the usual norm at the rate (docs/studies/README.md). */
const clips = [
  { value: rates.larger, norm: 0.4 },
  { value: rates.unstable, norm: 0.1 },
].map(({ value, norm }) => {
  const learned = learnedName(titled("MoCo v3", value));
  const clipped = (how: string, ...set: readonly string[]) => ({ name: `${learned}, ${how}`, set: [rate(value), ...set] });
  return {
    learned,
    title: `${titled("MoCo v3", value)}, clipping`,
    settings: [
      clipped(`clipped to norm ${norm}`, "optimizer.clip.kind=global-norm", `optimizer.clip.norm=${norm}`),
      clipped("adaptive clipping", "optimizer.clip.kind=adaptive"),
    ],
  };
});

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
    ...pairs.flatMap(({ title, app, rate: value, set, paper }) => {
      const shared = [rate(value), ...set];
      return [
        setting(learnedName(title), { app, set: shared, ...(paper === undefined ? {} : { paper: paper[0] }) }),
        setting(frozenName(title), { app, set: [frozen, ...shared], ...(paper === undefined ? {} : { paper: paper[1] }) }),
      ];
    }),
    ...clips.flatMap(({ settings }) => settings.map(({ name, set }) => setting(name, { set }))),
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
    ...clips.flatMap(({ learned, settings }) =>
      settings.flatMap(({ name }) => [
        better(name, learned),
        contrast(roughness, `${roughness.name}: less in ${name}`, { [learned]: 1, [name]: -1 }),
      ]),
    ),
  ],
  notes: [
    "SwAV with its two large crops and no small ones, as in the paper. SimCLR, BYOL and SwAV at rates at which a trial with another seed had them unstable, or four times or a quarter of that (docs/studies/README.md). Clipping here is of all gradients, the paper's is of the projection's.",
  ],
  figures: (settings) =>
    knnCurves(settings, [
      ...pairs.map(({ title }) => ({ title, settings: [learnedName(title), frozenName(title)] })),
      ...clips.map(({ title, learned, settings: clipped }) => ({ title, settings: [learned, ...clipped.map(({ name }) => name)] })),
    ]),
};
