import type { CommonPreset } from "@twinview/recipes";
import type { MocoV3Config } from "./config.ts";

/** What a preset fixes; the rest depends on the data and the machine. */
export type Preset = CommonPreset & Pick<MocoV3Config, "heads" | "tau" | "momentum">;

/** Two views through the online encoder, forward and backward, and through the target. */
const passes = 2 * 3 + 2;

/** For two cores and tens of minutes: a narrow, shallow ViT. The rate is tuned on Fashion-MNIST's training images. */
export const mini: Preset = {
  backbone: { family: "vit", size: "mini", patch: 4, position: "sin-cos", readout: "token", finalNorm: true, freezePatch: false },
  heads: { hidden: 512, out: 128 },
  tau: 0.2,
  views: { smallestCrop: 0.2, blur: 0 },
  optimizer: { baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 1 },
  momentum: 0.99,
  passes,
};

/** MoCo v3 as published for ViT-S: moco-v3's CONFIG.md, 300 epochs at batch 4096. It needs a large machine. */
export const paper: Preset = {
  backbone: { family: "vit", size: "s", patch: 16, position: "sin-cos", readout: "token", finalNorm: true, freezePatch: true },
  heads: { hidden: 4096, out: 256 },
  tau: 0.2,
  views: { smallestCrop: 0.08, blur: 1 },
  optimizer: { baseRate: 1.5e-4, weightDecay: 0.1, warmupEpochs: 40 },
  momentum: 0.99,
  published: { image: 224, batch: 4096, epochs: 300 },
  passes,
};

/** The presets by name, for the command line. */
export const presets = { mini, paper } as const;
