import { largestWhole, type Surroundings, type Wishes } from "@twinview/train";
import { type BackboneConfig, backbones, forwardFlops, mixesImages } from "./backbone.ts";
import type { CommonConfig } from "./common.ts";

/** A setting and the sentence that says why it was chosen. */
interface Choice<T> {
  readonly value: T;
  readonly reason: string;
}

/** What a preset fixes of the common settings; the rest depends on the data and the machine. */
export type CommonPreset = Pick<CommonConfig, "backbone" | "optimizer" | "views"> & {
  /** Settings as published, where data and machine have no say. */
  readonly published?: { readonly image: number; readonly batch: number; readonly epochs: number };
  /** Passes through the encoder for each image and step, in forward passes: a view trained counts 3, a view of the target 1. */
  readonly passes: number;
};

/** The share of the machine's matmul peak that a small step reaches; measured by `npm run bench`, on the careful side. */
const efficiency = 0.35;
/** The share of the step's own speed that is left beside augmentation, evaluation and checkpoints. */
const besides = 0.85;
const defaultMinutes = 20;
const mostEpochs = 400;

/** A side the patches divide: native for small images, 32 up to 96, then 64. Few patches: on a processor, more images beat more patches. */
const chooseImage = (side: number, { family }: BackboneConfig): Choice<{ readonly image: number; readonly patch: number }> => {
  const [image, patch] = side >= 24 && side < 32 ? [28, 7] : side < 96 ? [32, 8] : [64, 8];
  const patches = family === "vit" ? ` in ${(image / patch) ** 2} patches of ${patch}` : "";
  const why = side < 96 ? "" : ": enough detail, small enough for a processor";
  return { value: { image, patch }, reason: `views of ${image} px${patches}: the images are ${side} px${why}` };
};

/** The preset's backbone in the size that was asked for, with patches that divide the image. */
const chooseBackbone = (backbone: BackboneConfig, wishes: Wishes, patch: number | undefined): BackboneConfig => {
  const named = wishes.backbone === undefined ? undefined : backbones[wishes.backbone];
  const freezePatch = wishes.freezePatch ?? backbone.freezePatch;
  if (backbone.family === "vit") {
    const size = named?.family === "vit" ? named.size : backbone.size;
    return { ...backbone, size, freezePatch, patch: patch ?? backbone.patch };
  }
  return { ...backbone, size: named?.family === "resnet" ? named.size : backbone.size, freezePatch };
};

/** The batch of a long run: at most an eighth of the images. */
const largestBatch = (images: number): number => {
  let batch = images >= 20_000 ? 256 : 128;
  while (batch > images / 8 && batch > 2) batch /= 2;
  return Math.max(2, Math.min(batch, images));
};

/** A run of fewer steps learns more from smaller batches, down to `smallestUseful`: docs/results/comparison.md. */
const fewSteps = 1000;
const smallestUseful = 64;

const chooseBatch = (images: number, epochs: number): Choice<number> => {
  let batch = largestBatch(images);
  while (batch > smallestUseful && images * epochs < fewSteps * batch) batch /= 2;
  const steps = Math.floor(images / batch);
  return { value: batch, reason: `batch ${batch}: ${images.toLocaleString("en")} images give ${steps} steps an epoch` };
};

/** Whole epochs, tenths where there are few. */
export const roundedEpochs = (epochs: number): number => (epochs >= 10 ? Math.floor(epochs) : Math.max(0.1, Math.floor(epochs * 10) / 10));

const chooseEpochs = (
  {
    backbone,
    image,
    batch,
    passes,
  }: { readonly backbone: BackboneConfig; readonly image: number; readonly batch: number; readonly passes: number },
  { images, machineGflops, imagesPerSecond }: Surroundings,
  { minutes = defaultMinutes, epochs }: Pick<Wishes, "minutes" | "epochs">,
): Choice<number> => {
  const imagesAnEpoch = Math.max(1, Math.floor(images / batch)) * batch;
  const estimate = (machineGflops * 1e9 * efficiency) / (passes * forwardFlops(backbone, image));
  const speed = imagesPerSecond === undefined ? estimate : imagesPerSecond * besides;
  const value = epochs ?? Math.min(mostEpochs, roundedEpochs((minutes * 60 * speed) / imagesAnEpoch));
  const time = ((value * imagesAnEpoch) / speed / 60).toFixed(1);
  const how = imagesPerSecond === undefined ? "an estimated" : "a measured";
  return { value, reason: `${value} epochs: about ${time} minutes at ${how} ${Math.round(speed)} images a second on this machine` };
};

/** About 2,000 rows of tokens at a time stay in a processor's cache: docs/engine.md. A ResNet is not cut: its norms need the batch. */
const chooseChunk = (backbone: BackboneConfig, image: number): number => {
  if (backbone.family !== "vit") return 64;
  const tokens = (image / backbone.patch) ** 2 + 1;
  return Math.min(128, Math.max(8, 2 ** Math.round(Math.log2(2080 / tokens))));
};

/**
 * Above it, micro-batches of about two chunks, a divisor of the batch: as fast as larger ones, in a fraction of the memory. Not where
 * the encoder mixes images: there micro-batches are another training run, and only the user can ask for them.
 */
const chooseMicroBatch = (batch: number, chunk: number, backbone: BackboneConfig): Choice<number> | undefined => {
  if (batch <= largestWhole || mixesImages(backbone)) return undefined;
  let value = 2 * chunk;
  while (batch % value !== 0) value--;
  return { value, reason: `micro-batches of ${value} images: the same step as all ${batch} at once, in less memory` };
};

const intervals = (
  { epochs, stepsPerEpoch }: { readonly epochs: number; readonly stepsPerEpoch: number },
  { images, testImages }: Surroundings,
): Pick<CommonConfig, "knn" | "checkpoint"> => ({
  knn: {
    everyEpochs: epochs < 20 ? Math.max(0.01, Math.round(epochs * 10) / 100) : Math.round(epochs / 20),
    bank: Math.min(images, 5_000),
    queries: Math.max(1, Math.min(testImages, 1_000)),
    finalBank: Math.min(images, 20_000),
    finalQueries: Math.max(1, Math.min(testImages, 5_000)),
  },
  checkpoint: { everySteps: Math.max(50, Math.round((epochs * stepsPerEpoch) / 20)), keep: 2 },
});

/** Fills the common settings in from what the user asked for, the preset, the data and the machine, with a reason for each choice. */
export const chooseCommon = (
  wishes: Wishes,
  around: Surroundings,
  preset: CommonPreset,
): { readonly config: CommonConfig; readonly reasons: readonly string[] } => {
  const sized = preset.published === undefined ? chooseImage(around.side, preset.backbone) : undefined;
  const image = sized?.value.image ?? (preset.published?.image as number);
  const backbone = chooseBackbone(preset.backbone, wishes, sized?.value.patch);
  const firstBatch = wishes.batch ?? Math.min(preset.published?.batch ?? largestBatch(around.images), around.images);
  const wantedEpochs = wishes.epochs ?? (wishes.minutes === undefined ? preset.published?.epochs : undefined);
  const epochs = chooseEpochs({ backbone, image, batch: firstBatch, passes: preset.passes }, around, { ...wishes, epochs: wantedEpochs });
  const chosen = wishes.batch === undefined && preset.published === undefined ? chooseBatch(around.images, epochs.value) : undefined;
  const batch = chosen?.value ?? firstBatch;
  const stepsPerEpoch = Math.max(1, Math.floor(around.images / batch));
  const warmupEpochs = preset.published === undefined ? Math.min(10, epochs.value * 0.1) : preset.optimizer.warmupEpochs;
  const chunk = chooseChunk(backbone, image);
  const micro = wishes.microBatch ?? chooseMicroBatch(batch, chunk, backbone);
  const config: CommonConfig = {
    data: wishes.data,
    seed: wishes.seed ?? 0,
    backbone,
    image,
    views: preset.views,
    batch,
    epochs: epochs.value,
    optimizer: { ...preset.optimizer, warmupEpochs },
    ...intervals({ epochs: epochs.value, stepsPerEpoch }, around),
    ...(wishes.onNonFinite === undefined || wishes.onNonFinite === "stop" ? {} : { onNonFinite: wishes.onNonFinite }),
    ...(wishes.share === undefined || wishes.share === 1 ? {} : { share: wishes.share }),
    ...(wishes.initFrom === undefined ? {} : { initFrom: wishes.initFrom }),
    chunk,
    ...(micro === undefined || micro.value === batch ? {} : { microBatch: micro.value }),
  };
  const published = preset.published === undefined ? [] : [`views of ${image} px, batch ${batch}, ${epochs.value} epochs: as published`];
  const reasons = [
    ...(wishes.backbone === undefined ? [`${backbone.family}-${backbone.size}: the preset's`] : []),
    ...(sized === undefined ? [] : [sized.reason]),
    ...published,
    ...(chosen === undefined ? [] : [chosen.reason]),
    ...(wishes.epochs === undefined ? [epochs.reason] : []),
    ...(micro === undefined ? [] : [micro.reason]),
  ];
  return { config, reasons };
};
