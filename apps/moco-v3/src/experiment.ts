import { mocoV3 } from "@twinview/methods";
import { adamw, cosine, scaledRate, warmupCosine } from "@twinview/optim";
import { type Experiment, experiment } from "@twinview/train";
import { sizes, vit } from "@twinview/vit";
import type { MocoV3Config } from "./config.ts";

/**
 * MoCo v3 on ViT from a configuration: AdamW, linear warm-up then cosine, momentum by cosine to 1, all per step.
 * `images` is the number of training images; batches that do not fill up are dropped.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const mocoV3Experiment = (config: MocoV3Config, { images }: { readonly images: number }): Experiment => {
  const stepsPerEpoch = Math.floor(images / config.batch);
  const steps = Math.max(1, Math.round(config.epochs * stepsPerEpoch));
  const warmup = Math.min(Math.round(config.optimizer.warmupEpochs * stepsPerEpoch), Math.floor(steps / 2));
  const { size, ...backbone } = config.backbone;
  return experiment({
    encoder: vit({ size: sizes[size], image: config.image, ...backbone }),
    method: mocoV3({ ...config.heads, tau: config.tau, smallestCrop: config.smallestCrop }),
    optimizer: adamw(),
    schedules: {
      lr: warmupCosine({ peak: scaledRate({ base: config.optimizer.baseRate, batch: config.batch }), warmup, total: steps }),
      wd: () => config.optimizer.weightDecay,
      momentum: cosine({ from: config.momentum, to: 1, steps }),
    },
    seed: config.seed,
    image: config.image,
    batch: config.batch,
    steps,
    chunk: config.chunk,
  });
};
