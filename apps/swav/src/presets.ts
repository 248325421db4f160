import { type CommonConfig, miniResnet, miniSettings, miniVit, type Preset, paperResnet, paperVitSettings } from "@twinview/recipes";
import type { fields } from "./config.ts";

type SwavPreset = Preset<typeof fields>;

/** Two crops, forward and backward. */
const miniPasses = 2 * 3;
/** Two large crops and six small ones of 96 / 224 of their side. */
const paperPasses = 2 * 3 + 6 * 3 * (96 / 224) ** 2;

/** Small crops of about half the side, in whole patches. */
const smallSize = ({ image, backbone }: CommonConfig): number => {
  const unit = backbone.family === "vit" ? backbone.patch : 1;
  return Math.max(unit, Math.round(image / 2 / unit) * unit);
};

/**
 * For two cores and tens of minutes; jitter of half the strength. Fewer prototypes and sharper codes learn sooner, and in images of
 * some 30 pixels a small crop has too little to predict from: docs/methods/swav.md has the figures.
 */
const mini = {
  ...miniSettings,
  passes: miniPasses,
  own: (config: CommonConfig) => ({
    heads: { hidden: 512, out: 128, norm: true },
    prototypes: { count: 64, frozenSteps: 50 },
    tau: 0.1,
    codes: { epsilon: 0.03, iterations: 3 },
    queue: { length: 0, fromEpoch: 0 },
    crops: { large: 2, small: 0, smallFrom: 0.1, smallTo: 0.3, smallSize: smallSize(config) },
    strength: 0.5,
  }),
} as const;

/** 2 x 224 + 6 x 96 pixels, 3000 prototypes that keep still for 313 steps, no queue at batch 4096: the official script for 800 epochs. */
const publishedOwn = () => ({
  heads: { hidden: 2048, out: 128, norm: true },
  prototypes: { count: 3000, frozenSteps: 313 },
  tau: 0.1,
  codes: { epsilon: 0.05, iterations: 3 },
  queue: { length: 0, fromEpoch: 0 },
  crops: { large: 2, small: 6, smallFrom: 0.05, smallTo: 0.14, smallSize: 96 },
  strength: 1,
});

/**
 * ViT-S, 300 epochs at batch 4096: the comparison of MoCo v3, arXiv 2104.02057, section 6. Optimizer, rate and decay are those of
 * MoCo v3's own ViT recipe.
 */
const publishedVit: SwavPreset = {
  ...paperVitSettings,
  views: { smallestCrop: 0.14, blur: 1 },
  passes: paperPasses,
  own: publishedOwn,
};

/** ResNet-50, 800 epochs at batch 4096, rate .3 x batch / 256 (4.8), decay 1e-6, LARC: the official script for 800 epochs. */
const publishedResnet: SwavPreset = {
  backbone: paperResnet,
  views: { smallestCrop: 0.14, blur: 1 },
  optimizer: { kind: "larc", baseRate: 0.3, weightDecay: 1e-6, warmupEpochs: 10 },
  published: { image: 224, batch: 4096, epochs: 800 },
  passes: paperPasses,
  own: publishedOwn,
};

/** The presets by name and family of backbone. */
export const presets = {
  mini: { vit: { ...mini, backbone: miniVit }, resnet: { ...mini, backbone: miniResnet } },
  paper: { vit: publishedVit, resnet: publishedResnet },
} as const;
