import type { CommandSpec, Flag } from "@twinview/config";
import { backbones } from "@twinview/recipes";
import { onNonFiniteChoices } from "@twinview/train";
import { apps } from "./apps.ts";

const methods = Object.keys(apps) as readonly (keyof typeof apps)[];
const backboneNames = Object.keys(backbones);

const json = { type: "boolean", help: "print events as JSON lines, for programs" } as const satisfies Flag;
const threads = {
  type: "number",
  integer: true,
  min: 1,
  help: "threads of the computation; all cores when absent",
  value: "N",
} as const satisfies Flag;
const engine = {
  type: "choice",
  choices: ["onnx", "reference"],
  default: "onnx",
  help: "what computes: onnxruntime, or plain JavaScript (slow, for comparison)",
} as const satisfies Flag;

const data = {
  type: "string",
  value: "DATA",
  help: "a folder of images, a folder with IDX or CIFAR binary files, or a data set's name: fashion-mnist, emoji-apple, emoji-google",
} as const satisfies Flag;

const experiment = {
  data: { ...data, required: true },
  preset: { type: "choice", choices: ["mini", "paper"], help: "mini: two cores, tens of minutes; paper: as published" },
  backbone: { type: "choice", choices: backboneNames, help: "the encoder" },
  epochs: { type: "number", above: 0, value: "N", help: "how often each image is seen; chosen to fit 20 minutes when absent" },
  minutes: { type: "number", above: 0, value: "M", help: "choose the epochs to fit this time" },
  batch: { type: "number", integer: true, min: 2, value: "N", help: "images a step" },
  memory: {
    type: "string",
    value: "AMOUNT",
    help: "what the computing process may take, such as 8GB: the step is cut into micro-batches that fit, with the same result",
  },
  seed: { type: "number", integer: true, min: 0, value: "N", help: "seed of everything random; 0 when absent" },
  freezePatch: { type: "boolean", help: "keep the patch projection at its random initial values: the cure for instability" },
  onNonFinite: {
    type: "choice",
    choices: onNonFiniteChoices,
    help: "where a step is not finite: stop; skip it; or roll-back to the last checkpoint and go on with other batches; stop when absent",
  },
  initFrom: {
    type: "string",
    value: "FILE",
    help: "start the encoder from a safetensors file: of twinview export, timm, torchvision, or the official MoCo v3",
  },
  set: {
    type: "string",
    repeat: true,
    value: "PATH=VALUE",
    help: "override one field of the configuration, such as optimizer.baseRate=0.001",
  },
} as const satisfies Readonly<Record<string, Flag>>;

const run = {
  out: { type: "string", short: "o", value: "FOLDER", help: "the run's folder; runs/<method>-<data> when absent" },
  workers: { type: "number", integer: true, min: 0, value: "N", help: "threads that decode and augment; 1 when absent" },
  threads,
  engine,
  json,
} as const satisfies Readonly<Record<string, Flag>>;

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
  rate: { type: "number", above: 0, default: 1e-3, value: "R", help: "learning rate at batch 256, of AdamW" },
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

const method = { help: "the method to train with", required: true, choices: methods } as const;

/** Every command of twinview, as literal tables. */
export const specs = {
  train: {
    name: "twinview train",
    summary: "Pre-train an encoder on images without labels. The same command again resumes the run.",
    args: { method },
    flags: { ...experiment, ...run },
  },
  resume: {
    name: "twinview resume",
    summary: "Continue a run from its last checkpoint.",
    args: { run: { help: "the run's folder", required: true } },
    flags: { workers: run.workers, threads, engine, json },
  },
  replay: {
    name: "twinview replay",
    summary: "Compute a step that was not finite again, bit for bit, and show where it began.",
    args: { step: { help: "the folder of the recorded step, such as RUN/flight/step-000123", required: true } },
    flags: { json: { type: "boolean", help: "print the result as JSON" } },
  },
  rehearse: {
    name: "twinview rehearse",
    summary: "Try everything a run will do in under half a minute: two steps, a checkpoint, a kNN evaluation, a report.",
    args: { method },
    flags: { ...experiment, ...run },
  },
  plan: {
    name: "twinview plan",
    summary: "Show what a run will be and cost, without starting it.",
    args: { method },
    flags: { ...experiment, threads, engine, json, graph: { type: "string", value: "FILE", help: "write the step's graph as text" } },
  },
  eval: {
    name: "twinview eval",
    summary: "Judge a run's frozen encoder: kNN, a linear probe, quality without labels. Writes eval.json into the run's folder.",
    args: { run: { help: "the run's folder", required: true } },
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
      threads,
      engine,
      json: { type: "boolean", help: "print the result as JSON" },
    },
  },
  finetune: {
    name: "twinview finetune",
    summary: "Train a run's encoder further with labels, or the same encoder with labels alone, and tell test from training accuracy.",
    args: { run: { help: "the run's folder", required: true } },
    flags: {
      data: { ...data, help: "other images than the run was trained on" },
      weights,
      to: { type: "string", value: "FILE", help: "write the tuned encoder, as twinview export does" },
      ...tune,
      workers: run.workers,
      threads,
      engine,
      json: { type: "boolean", help: "print the result as JSON" },
    },
  },
  transfer: {
    name: "twinview transfer",
    summary: "What a run's encoder is worth on other data sets: kNN, a linear probe, fine-tuning. Writes transfer.json into its folder.",
    args: { run: { help: "the run's folder", required: true } },
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
      workers: run.workers,
      threads,
      engine,
      json: { type: "boolean", help: "print the result as JSON" },
    },
  },
  export: {
    name: "twinview export",
    summary: "Write a run's encoder, or its features, into files that other programs read.",
    args: { run: { help: "the run's folder", required: true } },
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
      threads,
      engine,
      json: { type: "boolean", help: "print the paths as JSON" },
    },
  },
  compare: {
    name: "twinview compare",
    summary: "Train methods on backbones with several seeds, or read finished runs, and put them side by side.",
    args: { runs: { help: "folders of finished runs; none to train the cells", rest: true } },
    flags: {
      data,
      methods: { type: "string", value: "A,B", help: "the methods, separated by commas; all when absent" },
      backbones: { type: "string", value: "A,B", help: "the backbones; vit-mini,resnet-18 when absent" },
      seeds: { type: "number", integer: true, min: 1, default: 2, value: "N", help: "how many seeds, 0 to N - 1" },
      epochs: experiment.epochs,
      minutes: { type: "number", above: 0, value: "M", help: "for all cells together; 10 each when absent" },
      batch: experiment.batch,
      freezePatch: experiment.freezePatch,
      set: experiment.set,
      quick: { type: "boolean", help: "a dozen small steps a cell: tries everything, shows nothing" },
      out: { type: "string", short: "o", default: "runs/compare", value: "FOLDER", help: "the folder of the cells and of the result" },
      workers: run.workers,
      threads,
      json,
    },
  },
  study: {
    name: "twinview study",
    summary: "Repeat a study of the MoCo v3 paper on a small scale: what the paper says beside what is measured here.",
    args: { studies: { help: "ids such as S5, or all; --list shows them", rest: true } },
    flags: {
      list: { type: "boolean", help: "show the studies and end" },
      data: { ...data, default: "fashion-mnist" },
      seeds: { type: "number", integer: true, min: 1, value: "N", help: "how many seeds, 0 to N - 1; the study's own when absent" },
      epochs: { type: "number", above: 0, value: "N", help: "length of the runs, in the place of the study's own" },
      minutes: { type: "number", above: 0, value: "M", help: "choose the length so that each study takes this time" },
      set: experiment.set,
      quick: { type: "boolean", help: "a few small steps a run, one seed: tries everything, shows nothing" },
      out: { type: "string", short: "o", default: "runs/studies", value: "FOLDER", help: "the folder of the runs and of the results" },
      workers: run.workers,
      threads,
      json,
    },
  },
  demo: {
    name: "twinview demo",
    summary: "MoCo v3 on Fashion-MNIST for a few minutes, into runs/demo.",
    flags: {
      out: { type: "string", default: "runs/demo", value: "FOLDER", help: "the run's folder" },
      minutes: { type: "number", above: 0, default: 4, value: "M", help: "training time to aim for" },
      json,
    },
  },
  doctor: {
    name: "twinview doctor",
    summary: "Check this machine: Node, the engine, image decoding, data sets, memory, speed.",
    flags: { json },
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
