import { cutmix, cutmixBox, type ImageBatch, mixup, randomErasing, sampleBeta } from "@twinview/augment";
import { fold, type HostArray, hostArray, type Rng, uniforms } from "@twinview/core";

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

/** `(1 - smoothing) onehot + smoothing / classes` of an image's own class, and of its partner's by the share it keeps. */
const targetsOf = (labels: ArrayLike<number>, classes: number, smoothing: number, share: number): HostArray => {
  const count = labels.length;
  const data = new Float32Array(count * classes).fill(smoothing / classes);
  for (let i = 0; i < count; i++) {
    const [own, partner] = [i * classes + (labels[i] as number), i * classes + (labels[count - 1 - i] as number)];
    data[own] = (data[own] as number) + (1 - smoothing) * share;
    data[partner] = (data[partner] as number) + (1 - smoothing) * (1 - share);
  }
  return hostArray(data, [count, classes]);
};

/** Erases and mixes a batch in place as the key says, and gives its targets `[B, classes]`. Erasing comes first, as in timm. */
export const mixBatch = (batch: ImageBatch, labels: ArrayLike<number>, classes: number, mixing: Mixing, rng: Rng): HostArray => {
  if (mixing.erase > 0) randomErasing(batch, mixing.erase, fold(rng, "erase"));
  const both = mixing.mixup > 0 && mixing.cutmix > 0;
  const cuts = both ? uniforms(fold(rng, "which"))() < 0.5 : mixing.cutmix > 0;
  const alpha = cuts ? mixing.cutmix : mixing.mixup;
  if (alpha === 0) return targetsOf(labels, classes, mixing.smoothing, 1);
  const share = sampleBeta(fold(rng, "share"), alpha);
  if (!cuts) mixup(batch, share);
  const kept = cuts ? cutmix(batch, cutmixBox(fold(rng, "box"), batch.side, share)) : share;
  return targetsOf(labels, classes, mixing.smoothing, kept);
};
