import { mocoV3 } from "@twinview/methods";
import { adamw, cosine } from "@twinview/optim";
import { durationsOf, encoderOf, rateOf } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { MocoV3Config } from "./config.ts";

/**
 * MoCo v3 from a configuration: AdamW, linear warm-up then cosine, momentum by cosine to 1, all per step.
 * `images` is the number of training images.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const mocoV3Experiment = (config: MocoV3Config, { images }: { readonly images: number }): Experiment => {
  const durations = durationsOf(config, images);
  return experiment({
    encoder: encoderOf(config.backbone, config.image),
    method: mocoV3({ ...config.heads, ...config.views, tau: config.tau }),
    optimizer: adamw(),
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
