import type { CommandSpec, Flag } from "@twinview/config";
import { data, device, engine, threads, workers } from "./common-flags.ts";

const encoder = {
  type: "choice",
  choices: ["online", "target", "untrained"],
  help: "which one; online when absent",
} as const satisfies Flag;

const neighbours = {
  k: { type: "string", default: "1,5,20,200", value: "A,B", help: "how many neighbours vote" },
  temperature: { type: "number", above: 0, default: 0.07, value: "T", help: "a neighbour's vote is exp(similarity / T)" },
  trainImages: { type: "number", integer: true, min: 2, value: "N", help: "at most so many training images; all when absent" },
  testImages: { type: "number", integer: true, min: 1, value: "N", help: "at most so many test images; all when absent" },
} as const satisfies Readonly<Record<string, Flag>>;

const probeEpochs = {
  type: "number",
  integer: true,
  min: 1,
  value: "N",
  help: "epochs of the probe; 90, more for few images, when absent",
} as const satisfies Flag;

const weights = {
  type: "string",
  value: "FILE",
  help: "weights from a safetensors file in the place of the run's own, for the same architecture",
} as const satisfies Flag;

/** Training with labels. */
const tune = {
  from: {
    type: "choice",
    choices: ["online", "target", "scratch"],
    default: "online",
    help: "the encoder it starts from; scratch: its initial values, the supervised baseline",
  },
  labels: {
    type: "number",
    above: 0,
    max: 1,
    default: 1,
    value: "X",
    help: "share of each class's labels that is used, such as 0.01 or 0.1",
  },
  epochs: { type: "number", above: 0, value: "N", help: "how often each labelled image is seen; 30, or 600 steps, when absent" },
  batch: { type: "number", integer: true, min: 2, default: 128, value: "N", help: "images a step; all of them where there are fewer" },
  rate: { type: "number", above: 0, default: 4e-3, value: "R", help: "learning rate at batch 256, of AdamW" },
  weightDecay: { type: "number", min: 0, default: 0.05, value: "X", help: "weight decay of matrices" },
  layerDecay: {
    type: "number",
    above: 0,
    max: 1,
    default: 0.75,
    value: "X",
    help: "factor on the rate from layer to layer, downwards; not from scratch",
  },
  mixup: { type: "number", min: 0, default: 0, value: "A", help: "mixup with shares from Beta(A, A); 0 leaves it out" },
  cutmix: { type: "number", min: 0, default: 0, value: "A", help: "CutMix with shares from Beta(A, A); 0 leaves it out" },
  smoothing: { type: "number", min: 0, max: 1, default: 0.1, value: "X", help: "label smoothing" },
  erase: { type: "number", min: 0, max: 1, default: 0, value: "P", help: "random erasing with this probability" },
  smallestCrop: { type: "number", above: 0, max: 1, default: 0.3, value: "X", help: "smallest area of a crop, as a share of the image" },
  seed: { type: "number", integer: true, min: 0, default: 0, value: "N", help: "seed of labels, order, views and mixing" },
} as const satisfies Readonly<Record<string, Flag>>;

/** The argument of each of these commands. */
const run = { run: { help: "the run's folder", required: true } } as const;

/** What computes, and how the result is given. */
const computing = {
  threads,
  engine,
  device,
  json: { type: "boolean", help: "print the result as JSON" },
} as const satisfies Readonly<Record<string, Flag>>;

/** The commands that judge, train further or write out the encoder of a run. */
export const assessSpecs = {
  eval: {
    name: "twinview eval",
    summary: "Judge a run's frozen encoder: kNN, a linear probe, quality without labels. Writes eval.json into the run's folder.",
    args: run,
    flags: {
      data: { ...data, help: "other images than the run was trained on" },
      weights,
      knn: {
        type: "boolean",
        help: "kNN by cosine similarity, of the online and the target encoder; all is measured when neither is named",
      },
      linear: { type: "boolean", help: "a linear probe: all rates and decays at once, the setting chosen on held-out training images" },
      encoder: { ...encoder, help: "whose features; online when absent" },
      ...neighbours,
      rates: { type: "string", value: "A,B", help: "learning rates of the probe; 0.003 to 10 in 8 steps when absent" },
      decays: { type: "string", value: "A,B", help: "weight decays of the probe; 0,0.0001,0.01 when absent" },
      probeEpochs,
      heldOut: {
        type: "number",
        above: 0,
        max: 0.5,
        default: 0.1,
        value: "X",
        help: "share of the training images the setting is chosen on",
      },
      page: { type: "boolean", help: "write eval.html, too: nearest neighbours, confusion, a map of the features, attention" },
      draws: {
        type: "number",
        integer: true,
        min: 0,
        default: 0,
        value: "N",
        help: "train the probe on so many draws of crop and flip in turn",
      },
      seed: { type: "number", integer: true, min: 0, default: 0, value: "N", help: "seed of the probe's order and held-out images" },
      ...computing,
    },
  },
  finetune: {
    name: "twinview finetune",
    summary: "Train a run's encoder further with labels, or the same encoder with labels alone, and tell test from training accuracy.",
    args: run,
    flags: {
      data: { ...data, help: "other images than the run was trained on" },
      weights,
      to: { type: "string", value: "FILE", help: "write the tuned encoder, as twinview export does" },
      ...tune,
      workers,
      ...computing,
    },
  },
  transfer: {
    name: "twinview transfer",
    summary: "What a run's encoder is worth on other data sets: kNN, a linear probe, fine-tuning. Writes transfer.json into its folder.",
    args: run,
    flags: {
      to: { ...data, repeat: true, help: "the data set; give it once for each" },
      weights,
      knn: { type: "boolean", help: "kNN on frozen features; all is measured when nothing is named" },
      linear: { type: "boolean", help: "a linear probe on frozen features" },
      finetune: { type: "boolean", help: "fine-tuning, as twinview finetune does it" },
      baseline: { type: "boolean", help: "measure the untrained encoder and training from scratch, too" },
      ...neighbours,
      probeEpochs,
      ...tune,
      workers,
      ...computing,
    },
  },
  export: {
    name: "twinview export",
    summary: "Write a run's encoder, or its features, into files that other programs read.",
    args: run,
    flags: {
      to: {
        type: "string",
        repeat: true,
        value: "FILE",
        help: "FILE.safetensors: the names of timm (ViT) or torchvision (ResNet); FILE.onnx: pixel_values to features, any batch",
      },
      features: { type: "string", value: "FOLDER", help: "features of all images, as npy files and as parquet" },
      data: { ...data, help: "the images of --features; the run's own when absent" },
      encoder,
      ...computing,
      json: { ...computing.json, help: "print the paths as JSON" },
    },
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
