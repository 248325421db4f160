import type { Surroundings, Wishes } from "@twinview/train";
import { sizes } from "@twinview/vit";
import type { MocoV3Config } from "./config.ts";
import { presets } from "./presets.ts";

export interface Resolved {
  readonly config: MocoV3Config;
  /** One sentence for each thing that was chosen. */
  readonly reasons: readonly string[];
}

/** Floating-point operations of one training image: two views through the online encoder (forward and backward) and the target. */
export const flopsPerImage = ({ backbone, image }: Pick<MocoV3Config, "backbone" | "image">): number => {
  const { dim, depth } = sizes[backbone.size];
  const tokens = (image / backbone.patch) ** 2 + 1;
  const forward = tokens * depth * (24 * dim * dim + 4 * tokens * dim) + 2 * tokens * backbone.patch ** 2 * 3 * dim;
  return 2 * forward * 4;
};

/** The share of the machine's matmul peak that a small step reaches; measured by `npm run bench`, on the careful side. */
const efficiency = 0.35;
const defaultMinutes = 20;

/** A side the patches divide: native for small images, 32 up to 64, then 64 with larger patches. */
const chooseImage = (
  side: number,
  preset: keyof typeof presets,
): { readonly image: number; readonly patch: number; readonly reason: string } => {
  if (preset === "paper") return { image: 224, patch: 16, reason: "views of 224 px in patches of 16: as published" };
  if (side >= 24 && side < 32) return { image: 28, patch: 7, reason: `views of 28 px in 16 patches of 7: the images are ${side} px` };
  if (side < 96) return { image: 32, patch: 4, reason: `views of 32 px in 64 patches of 4: the images are ${side} px` };
  return {
    image: 64,
    patch: 8,
    reason: `views of 64 px in 64 patches of 8: enough detail for ${side} px images, small enough for a processor`,
  };
};

const chooseBatch = (images: number, preset: keyof typeof presets): { readonly batch: number; readonly reason: string } => {
  if (preset === "paper") return { batch: Math.min(4096, images), reason: "batch 4096 (or all images): as published" };
  const most = images >= 20_000 ? 256 : 128;
  let batch = most;
  while (batch > images / 8 && batch > 2) batch /= 2;
  batch = Math.max(2, Math.min(batch, images));
  return { batch, reason: `batch ${batch}: ${images.toLocaleString("en")} images give ${Math.floor(images / batch)} steps an epoch` };
};

/** Fills a configuration in from what the user asked for, the data and the machine. */
export const resolve = (wishes: Wishes, around: Surroundings): Resolved => {
  const presetName = (wishes.preset ?? "mini") as keyof typeof presets;
  const size = wishes.backbone?.replace(/^vit-/, "") as keyof typeof sizes | undefined;
  const preset = presets[presetName];
  const { image, patch, reason: imageReason } = chooseImage(around.side, presetName);
  const chosenBatch = chooseBatch(around.images, presetName);
  const batch = wishes.batch ?? chosenBatch.batch;
  const backbone = {
    ...preset.backbone,
    patch,
    size: size ?? preset.backbone.size,
    freezePatch: wishes.freezePatch ?? preset.backbone.freezePatch,
  };
  const stepsPerEpoch = Math.max(1, Math.floor(around.images / batch));
  const speed = (around.machineGflops * 1e9 * efficiency) / flopsPerImage({ backbone, image });
  const minutes = wishes.minutes ?? defaultMinutes;
  const fitting = Math.max(1, Math.floor((minutes * 60 * speed) / (stepsPerEpoch * batch)));
  const published = presetName === "paper" ? 300 : 400;
  const epochs = wishes.epochs ?? (presetName === "paper" ? published : Math.min(published, fitting));
  const epochsReason = `${epochs} epochs: about ${Math.round((epochs * stepsPerEpoch * batch) / speed / 60)} minutes at an estimated ${Math.round(speed)} images a second on this machine`;
  const reasons = [
    `vit-${backbone.size}: ${size === undefined ? `the ${presetName} preset` : "as asked"}`,
    imageReason,
    ...(wishes.batch === undefined ? [chosenBatch.reason] : []),
    ...(wishes.epochs === undefined ? [epochsReason] : []),
  ];
  const finalBank = Math.min(around.images, 20_000);
  const config: MocoV3Config = {
    method: "moco-v3",
    data: wishes.data,
    seed: wishes.seed ?? 0,
    ...preset,
    backbone,
    image,
    batch,
    epochs,
    optimizer: { ...preset.optimizer, warmupEpochs: presetName === "paper" ? preset.optimizer.warmupEpochs : Math.min(10, epochs * 0.1) },
    knn: {
      everyEpochs: Math.max(1, Math.round(epochs / 20)),
      bank: Math.min(around.images, 5_000),
      queries: Math.max(1, Math.min(around.testImages, 1_000)),
      finalBank,
      finalQueries: Math.max(1, Math.min(around.testImages, 5_000)),
    },
    checkpoint: { everySteps: Math.max(50, Math.round((epochs * stepsPerEpoch) / 20)), keep: 2 },
    chunk: 64,
  };
  return { config, reasons };
};
