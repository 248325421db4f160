import { checkOption } from "@twinview/core";
import { swav } from "@twinview/methods";
import { constant, join } from "@twinview/optim";
import { runParts } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { SwavConfig } from "./config.ts";

/** Refuses, before anything is traced, what would fail inside the step. */
const check = ({ queue, crops, batch, image, backbone }: SwavConfig): void => {
  checkOption("swav", "queue.length", queue.length, queue.length % batch === 0, `a multiple of the batch, ${batch}`);
  const { large, small, smallSize, smallFrom, smallTo } = crops;
  checkOption("swav", "crops.small", small, large + small >= 2, `at least ${2 - large}, for two crops in all`);
  checkOption("swav", "crops.smallTo", smallTo, smallTo >= smallFrom, `at least crops.smallFrom, ${smallFrom}`);
  checkOption("swav", "crops.smallSize", smallSize, small === 0 || smallSize <= image, `at most the image's side, ${image}`);
  if (backbone.family !== "vit" || small === 0) return;
  const { patch } = backbone;
  checkOption("swav", "crops.smallSize", smallSize, smallSize % patch === 0, `a multiple of the patch, ${patch}`);
};

/**
 * SwAV from a configuration: linear warm-up then cosine, prototypes still at first, the queue from an epoch on, per step. `images` is
 * the number of training images.
 * @throws ShapeError if sizes do not fit together: a queue the batch does not divide, fewer than two prototypes or crops.
 */
export const swavExperiment = (config: SwavConfig, { images }: { readonly images: number }): Experiment => {
  check(config);
  const { parts, durations, schedules } = runParts(config, images);
  const { crops, views, prototypes, queue } = config;
  const small = { count: crops.small, scale: [crops.smallFrom, crops.smallTo], size: crops.smallSize } as const;
  return experiment({
    ...parts,
    method: swav({
      ...config.heads,
      ...config.codes,
      prototypes: prototypes.count,
      tau: config.tau,
      queue: queue.length,
      large: { count: crops.large, scale: [views.smallestCrop, 1] },
      small,
      strength: config.strength,
      blur: views.blur,
    }),
    schedules: {
      ...schedules,
      trainPrototypes: join(constant(0), prototypes.frozenSteps, constant(1)),
      useQueue: join(constant(0), Math.round(queue.fromEpoch * durations.stepsPerEpoch), constant(1)),
    },
  });
};
