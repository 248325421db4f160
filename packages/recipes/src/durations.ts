import { type Schedule, scaledRate, warmupCosine } from "@twinview/optim";
import type { CommonConfig } from "./common.ts";

/** Epochs as steps; batches that do not fill up are dropped. */
export interface Durations {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Steps of warm-up: at most half of all. */
  readonly warmup: number;
}

/** The length of a run and of its warm-up in steps, for a number of training images. */
export const durationsOf = (
  { batch, epochs, optimizer }: Pick<CommonConfig, "batch" | "epochs" | "optimizer">,
  images: number,
): Durations => {
  const stepsPerEpoch = Math.floor(images / batch);
  const steps = Math.max(1, Math.round(epochs * stepsPerEpoch));
  return { stepsPerEpoch, steps, warmup: Math.min(Math.round(optimizer.warmupEpochs * stepsPerEpoch), Math.floor(steps / 2)) };
};

/** The learning rate at each step: linear rule, warm-up, cosine. @see moco-v3 main_moco.py, adjust_learning_rate. */
export const rateOf = ({ batch, optimizer }: Pick<CommonConfig, "batch" | "optimizer">, { steps, warmup }: Durations): Schedule =>
  warmupCosine({ peak: scaledRate({ base: optimizer.baseRate, batch }), warmup, total: steps });
