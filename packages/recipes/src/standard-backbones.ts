import type { ResnetConfig, VitConfig } from "./backbone.ts";

/** For two cores and small images. */
export const miniVit: VitConfig = {
  family: "vit",
  size: "mini",
  patch: 4,
  position: "sin-cos",
  readout: "token",
  finalNorm: true,
  freezePatch: false,
  stem: "patch",
  mlpNorm: "layer",
};

/** ViT-S/16 with its patch projection frozen, as MoCo v3 recommends: arXiv 2104.02057, section 4.2. */
export const paperVit: VitConfig = { ...miniVit, size: "s", patch: 16, freezePatch: true };

/** ResNet-18 of a quarter of the width, a sixteenth of the work, with the stem for small images. */
export const miniResnet: ResnetConfig = { family: "resnet", size: "18", width: 16, stem: "small", freezePatch: false };

/** ResNet-50 as published. */
export const paperResnet: ResnetConfig = { family: "resnet", size: "50", width: 64, stem: "large", freezePatch: false };
