import { miniResnet, miniSettings, miniVit, type Preset, paperResnet, paperVitSettings } from "@twinview/recipes";
import type { fields } from "./config.ts";

type SimclrPreset = Preset<typeof fields>;

/** Two views, forward and backward. */
const passes = 2 * 3;

/** For two cores and tens of minutes; jitter of half the strength as the official recipe for CIFAR. */
const mini = {
  ...miniSettings,
  passes,
  own: () => ({ heads: { hidden: 512, out: 128, layers: 2, norm: true }, tau: 0.2, strength: 0.5 }),
} as const;

/**
 * ViT-S, 300 epochs at batch 4096: the comparison of MoCo v3, arXiv 2104.02057, section 6. Optimizer, rate and decay are those of
 * MoCo v3's own ViT recipe; temperature and projector are SimCLR's.
 */
const publishedVit: SimclrPreset = {
  ...paperVitSettings,
  passes,
  own: () => ({ heads: { hidden: 4096, out: 256, layers: 3, norm: true }, tau: 0.1, strength: 1 }),
};

/** ResNet-50, batch 4096, rate .3 x batch / 256 (4.8), decay 1e-6: arXiv 2002.05709, section 2.2; projector of the official code. */
const publishedResnet: SimclrPreset = {
  backbone: paperResnet,
  views: { smallestCrop: 0.08, blur: 1 },
  optimizer: { kind: "lars-classic", baseRate: 0.3, weightDecay: 1e-6, warmupEpochs: 10 },
  published: { image: 224, batch: 4096, epochs: 800 },
  passes,
  own: () => ({ heads: { hidden: 2048, out: 128, layers: 3, norm: true }, tau: 0.1, strength: 1 }),
};

/** The presets by name and family of backbone. */
export const presets = {
  mini: { vit: { ...mini, backbone: miniVit }, resnet: { ...mini, backbone: miniResnet } },
  paper: { vit: publishedVit, resnet: publishedResnet },
} as const;
