import { miniResnet, miniSettings, miniVit, type Preset, paperResnet, paperVitSettings } from "@twinview/recipes";
import type { fields } from "./config.ts";

type ByolPreset = Preset<typeof fields>;

/** Two views through the online encoder, forward and backward, and through the target. */
const passes = 2 * 3 + 2;

/** For two cores and tens of minutes. Runs are short: a target that moves as slowly as in long runs stays close to its initial values. */
const mini = {
  ...miniSettings,
  passes,
  own: () => ({ heads: { hidden: 512, out: 128, predictor: true, norm: true }, momentum: 0.95, targetStart: "own" as const }),
} as const;

/** As published but for the encoder: heads of 4096 and 256, the target with initial values of its own. */
const publishedOwn = () => ({
  heads: { hidden: 4096, out: 256, predictor: true, norm: true },
  momentum: 0.99,
  targetStart: "own" as const,
});

/**
 * ViT-S, 300 epochs at batch 4096: the comparison of MoCo v3, arXiv 2104.02057, section 6. Optimizer, rate and decay are those of
 * MoCo v3's own ViT recipe.
 */
const publishedVit: ByolPreset = {
  ...paperVitSettings,
  passes,
  own: publishedOwn,
};

/** ResNet-50, 300 epochs at batch 4096, rate .3 x batch / 256, momentum .99: the official code's schedule for 300 epochs. */
const publishedResnet: ByolPreset = {
  backbone: paperResnet,
  views: { smallestCrop: 0.08, blur: 1 },
  optimizer: { kind: "lars", baseRate: 0.3, weightDecay: 1e-6, warmupEpochs: 10 },
  published: { image: 224, batch: 4096, epochs: 300 },
  passes,
  own: publishedOwn,
};

/** The presets by name and family of backbone. */
export const presets = {
  mini: { vit: { ...mini, backbone: miniVit }, resnet: { ...mini, backbone: miniResnet } },
  paper: { vit: publishedVit, resnet: publishedResnet },
} as const;
