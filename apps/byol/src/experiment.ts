import { byol } from "@twinview/methods";
import { cosine } from "@twinview/optim";
import { durationsOf, encoderOf, optimizerOf, rateOf } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { ByolConfig } from "./config.ts";

/**
 * BYOL from a configuration: linear warm-up then cosine, momentum by cosine to 1, per step. `images` is the number of training
 * images.
 * @throws ShapeError if sizes do not fit together.
 */
export const byolExperiment = (config: ByolConfig, { images }: { readonly images: number }): Experiment => {
  const durations = durationsOf(config, images);
  return experiment({
    encoder: encoderOf(config.backbone, config.image),
    method: byol({ ...config.heads, ...config.views, targetStart: config.targetStart }),
    optimizer: optimizerOf(config.optimizer),
    schedules: {
      lr: rateOf(config, durations),
      wd: () => config.optimizer.weightDecay,
      momentum: cosine({ from: config.momentum, to: 1, steps: durations.steps }),
    },
    seed: config.seed,
    image: config.image,
    batch: config.batch,
    steps: durations.steps,
    chunk: config.chunk,
  });
};
