import type { Preset } from "@twinview/recipes";
import type { fields } from "./config.ts";

type MocoV3Preset = Preset<typeof fields>;

/** Two views through the online encoder, forward and backward, and through the target. */
const passes = 2 * 3 + 2;

/** For two cores and tens of minutes: a narrow, shallow ViT. The rate is tuned on Fashion-MNIST's training images. */
const miniVit: MocoV3Preset = {
  backbone: { family: "vit", size: "mini", patch: 4, position: "sin-cos", readout: "token", finalNorm: true, freezePatch: false },
  views: { smallestCrop: 0.2, blur: 0 },
  optimizer: { baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 1 },
  passes,
  own: { heads: { hidden: 512, out: 128 }, tau: 0.2, momentum: 0.99 },
};

/** MoCo v3 as published for ViT-S: moco-v3's CONFIG.md, 300 epochs at batch 4096. It needs a large machine. */
const paperVit: MocoV3Preset = {
  backbone: { family: "vit", size: "s", patch: 16, position: "sin-cos", readout: "token", finalNorm: true, freezePatch: true },
  views: { smallestCrop: 0.08, blur: 1 },
  optimizer: { baseRate: 1.5e-4, weightDecay: 0.1, warmupEpochs: 40 },
  published: { image: 224, batch: 4096, epochs: 300 },
  passes,
  own: { heads: { hidden: 4096, out: 256 }, tau: 0.2, momentum: 0.99 },
};

/** The presets by name and family of backbone. */
export const presets = { mini: { vit: miniVit }, paper: { vit: paperVit } } as const;
