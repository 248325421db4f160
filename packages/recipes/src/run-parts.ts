import type { Encoder } from "@twinview/core";
import type { Schedule } from "@twinview/optim";
import { encoderOf } from "./backbone.ts";
import type { CommonConfig } from "./common.ts";
import { type Durations, durationsOf, rateOf } from "./durations.ts";
import { type Optimizer, optimizerOf } from "./optimizer.ts";

/** What every experiment takes from the common settings; a method adds itself and the schedules it asks for. */
export interface RunParts {
  readonly encoder: Encoder;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly image: number;
  readonly batch: number;
  readonly steps: number;
  readonly chunk: number;
  readonly microBatch?: number;
}

/**
 * The common settings of a run as parts of an experiment, for a number of training images, with the schedules that every optimizer
 * reads: the learning rate (warm-up, then cosine) and the weight decay.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const runParts = (
  config: CommonConfig,
  images: number,
): {
  readonly parts: RunParts;
  readonly durations: Durations;
  readonly schedules: { readonly lr: Schedule; readonly wd: Schedule };
} => {
  const { seed, image, batch, chunk, microBatch, backbone, optimizer } = config;
  const durations = durationsOf(config, images);
  return {
    parts: {
      encoder: encoderOf(backbone, image),
      optimizer: optimizerOf(optimizer),
      seed,
      image,
      batch,
      steps: durations.steps,
      chunk,
      ...(microBatch === undefined ? {} : { microBatch }),
    },
    durations,
    schedules: { lr: rateOf(config, durations), wd: () => optimizer.weightDecay },
  };
};
