import { ablationFigures } from "./ablation-figures.ts";
import { contrast, equal } from "./claims.ts";
import { cellImages, rate, rates, setting } from "./settings.ts";
import { accuracy, roughness, spikes } from "./statistics.ts";
import type { Study } from "./study.ts";

const [none, usual, long] = ["warm-up 1 %", "warm-up 10 %", "warm-up 30 %"] as const;
const tau = (value: number): string => `tau ${value}`;
const decay = (value: number): string => `weight decay ${value}`;
const usualBoth = "tau 0.2, weight decay 0.1";
const settings = [
  setting(none, { set: [rate(rates.larger)], warmup: 0.01 }),
  setting(usual, { set: [rate(rates.larger)], warmup: 0.1 }),
  setting(long, { set: [rate(rates.larger)], warmup: 0.3 }),
  setting(usualBoth),
  ...[0.1, 0.4].map((value) => setting(tau(value), { set: [`tau=${value}`] })),
  ...[0.01, 0.3].map((value) => setting(decay(value), { set: [`optimizer.weightDecay=${value}`] })),
];

/** S16: a long warm-up eases instability; with the factor 2 tau the temperature matters little. */
export const schedule: Study = {
  id: "S16",
  title: "Warm-up, weight decay, temperature",
  paper: {
    did: "Linear warm-up over 40 epochs; weight decay .1, searched together with the rate; temperature .2 with a loss scaled by 2 tau.",
    found:
      "The long warm-up helps alleviate instability, though all unstable results are already with it; scaled by 2 tau, the result is less sensitive to tau when rate and decay are fixed. No numbers are given.",
    where: "section 5",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "the sum of the falls of the kNN curve against warm-up, final kNN accuracy against tau",
  claims: [
    contrast(roughness, `${roughness.name}: ${long} smoother than ${none}, at rate ${rates.larger}`, { [none]: 1, [long]: -1 }),
    equal(tau(0.1), usualBoth, 0.015),
    equal(tau(0.4), usualBoth, 0.015),
  ],
  besides: [
    contrast(spikes, `${spikes.name}: fewer with ${long} than with ${none}`, { [none]: 1, [long]: -1 }),
    contrast(accuracy, `${accuracy.name}: ${long} above ${none}`, { [long]: 1, [none]: -1 }),
    equal(decay(0.01), usualBoth, 0.015),
    equal(decay(0.3), usualBoth, 0.015),
  ],
  notes: ["AdamW barely depends on the scale of the loss, so what the factor 2 tau does for a fixed rate is not separated here."],
  figures: ablationFigures(settings),
};
