import { simclr } from "@twinview/methods";
import { durationsOf, encoderOf, optimizerOf, rateOf } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { SimclrConfig } from "./config.ts";

/**
 * SimCLR from a configuration: linear warm-up then cosine, per step. `images` is the number of training images.
 * @throws ShapeError if sizes do not fit together.
 */
export const simclrExperiment = (config: SimclrConfig, { images }: { readonly images: number }): Experiment => {
  const durations = durationsOf(config, images);
  return experiment({
    encoder: encoderOf(config.backbone, config.image),
    method: simclr({ ...config.heads, ...config.views, tau: config.tau, strength: config.strength }),
    optimizer: optimizerOf(config.optimizer),
    schedules: { lr: rateOf(config, durations), wd: () => config.optimizer.weightDecay },
    seed: config.seed,
    image: config.image,
    batch: config.batch,
    steps: durations.steps,
    chunk: config.chunk,
  });
};
