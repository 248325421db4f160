import type { CommonPreset } from "./choose.ts";
import { paperVit } from "./standard-backbones.ts";

/** For two cores, small images and tens of minutes, whatever the method and the backbone: no blur, AdamW. */
export const miniSettings = {
  views: { smallestCrop: 0.2, blur: 0 },
  optimizer: { kind: "adamw", baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 1 },
} as const satisfies Partial<CommonPreset>;

/**
 * MoCo v3's recipe for ViT-S, 300 epochs at batch 4096 (moco-v3's CONFIG.md); its comparison of the four methods, arXiv 2104.02057,
 * section 6, trains the others as long.
 */
export const paperVitSettings = {
  backbone: paperVit,
  views: { smallestCrop: 0.08, blur: 1 },
  optimizer: { kind: "adamw", baseRate: 1.5e-4, weightDecay: 0.1, warmupEpochs: 40 },
  published: { image: 224, batch: 4096, epochs: 300 },
} as const satisfies Partial<CommonPreset>;
