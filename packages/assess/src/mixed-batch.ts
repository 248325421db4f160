import { cutmix, cutmixBox, type ImageBatch, mixup, randomErasing, sampleBeta } from "@twinview/augment";
import { fold, type HostArray, type Rng, uniforms } from "@twinview/core";
import { smoothTargets } from "@twinview/train";

/** What is done to a batch of labelled images and their targets; 0 leaves each out. */
export interface Mixing {
  /** alpha of the Beta distribution of shares; with both, each batch gets one of them, drawn evenly. */
  readonly mixup: number;
  readonly cutmix: number;
  /** Share of the target that is spread over all classes. */
  readonly smoothing: number;
  /** Probability that an image has a box erased. */
  readonly erase: number;
}

/** Erases and mixes a batch in place as the key says, and gives its targets `[B, classes]`. Erasing comes first, as in timm. */
export const mixBatch = (batch: ImageBatch, labels: ArrayLike<number>, classes: number, mixing: Mixing, rng: Rng): HostArray => {
  if (mixing.erase > 0) randomErasing(batch, mixing.erase, fold(rng, "erase"));
  const both = mixing.mixup > 0 && mixing.cutmix > 0;
  const cuts = both ? uniforms(fold(rng, "which"))() < 0.5 : mixing.cutmix > 0;
  const alpha = cuts ? mixing.cutmix : mixing.mixup;
  if (alpha === 0) return smoothTargets(labels, classes, mixing.smoothing);
  const share = sampleBeta(fold(rng, "share"), alpha);
  if (!cuts) mixup(batch, share);
  const kept = cuts ? cutmix(batch, cutmixBox(fold(rng, "box"), batch.side, share)) : share;
  return smoothTargets(labels, classes, mixing.smoothing, kept);
};
