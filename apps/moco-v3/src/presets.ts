import { miniResnet, miniSettings, miniVit, type Preset, paperResnet, paperVitSettings } from "@twinview/recipes";
import type { fields } from "./config.ts";

type MocoV3Preset = Preset<typeof fields>;

/** Two views through the online encoder, forward and backward, and through the target. */
const passes = 2 * 3 + 2;

const vitHeads = { projectorLayers: "3", predictor: true, predictorNorm: true, norm: true } as const;
const resnetHeads = { projectorLayers: "2", predictor: true, predictorNorm: false, norm: true } as const;

/** For two cores and tens of minutes. */
const mini = {
  ...miniSettings,
  passes,
} as const;
const small = { hidden: 512, out: 128 } as const;
const miniOwn = { tau: 0.2, momentum: 0.99 } as const;

/** ViT-S, 300 epochs at batch 4096: moco-v3's CONFIG.md. It needs a large machine. */
const publishedVit: MocoV3Preset = {
  ...paperVitSettings,
  passes,
  own: () => ({ heads: { hidden: 4096, out: 256, ...vitHeads }, tau: 0.2, momentum: 0.99 }),
};

/** ResNet-50, 300 epochs at batch 4096: moco-v3's CONFIG.md; tau 1, heads of two layers. */
const publishedResnet: MocoV3Preset = {
  backbone: paperResnet,
  views: { smallestCrop: 0.2, blur: 1 },
  optimizer: { kind: "lars", baseRate: 0.3, weightDecay: 1e-6, warmupEpochs: 10 },
  published: { image: 224, batch: 4096, epochs: 300 },
  passes,
  own: () => ({ heads: { hidden: 4096, out: 256, ...resnetHeads }, tau: 1, momentum: 0.99 }),
};

/** The presets by name and family of backbone. */
export const presets = {
  mini: {
    vit: { ...mini, backbone: miniVit, own: () => ({ heads: { ...small, ...vitHeads }, ...miniOwn }) },
    resnet: { ...mini, backbone: miniResnet, own: () => ({ heads: { ...small, ...resnetHeads }, ...miniOwn }) },
  },
  paper: { vit: publishedVit, resnet: publishedResnet },
} as const;
