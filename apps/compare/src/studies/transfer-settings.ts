import { supervisedApp } from "@twinview/supervised";
import { rate, setting } from "./settings.ts";
import type { Setting } from "./study.ts";
import type { TransferPlan } from "./transfer.ts";

/**
 * Fine-tuning on emoji, with all their labels; the same for every start, layer decay left out. The rate is the best of 1e-3 and 4e-3
 * both from scratch and after pre-training, on 10,000 held-out training images of Fashion-MNIST (docs/results/labels.md).
 */
export const toEmoji: TransferPlan = {
  to: "emoji-apple",
  settings: {
    labels: 1,
    epochs: undefined,
    batch: 128,
    baseRate: 4e-3,
    weightDecay: 0.05,
    layerDecay: 1,
    mixup: 0,
    cutmix: 0,
    smoothing: 0.1,
    erase: 0,
    smallestCrop: 0.3,
  },
};

const shared = (share: number): Partial<Setting> => (share === 1 ? {} : { times: 1 / share, set: [`share=${share}`] });

/** MoCo v3 on a share of the images; as many steps as on all of them. */
export const withoutLabels = (name: string, share = 1): Setting => setting(name, shared(share));

/** The same encoder trained with the labels of a share of the images for as many steps of one view each. */
export const withLabels = (name: string, share = 1): Setting => setting(name, { ...shared(share), app: supervisedApp });

/** One step at a rate too small to change a float32: the initial values. */
export const untrained = (name: string): Setting => setting(name, { times: 1e-6, set: [rate(1e-30)] });
