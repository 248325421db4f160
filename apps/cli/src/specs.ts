import type { CommandSpec, Flag } from "@twinview/config";
import { backbones } from "@twinview/recipes";
import { onNonFiniteChoices } from "@twinview/train";
import { apps } from "./apps.ts";
import { assessSpecs } from "./assess-specs.ts";
import { data, device, engine, json, threads, workers } from "./common-flags.ts";

const methods = Object.keys(apps) as readonly (keyof typeof apps)[];
const backboneNames = Object.keys(backbones);

const experiment = {
  data: { ...data, required: true },
  preset: { type: "choice", choices: ["mini", "paper"], help: "mini: two cores, tens of minutes; paper: as published" },
  backbone: { type: "choice", choices: backboneNames, help: "the encoder" },
  epochs: { type: "number", above: 0, value: "N", help: "how often each image is seen; chosen to fit 20 minutes when absent" },
  minutes: { type: "number", above: 0, value: "M", help: "choose the epochs to fit this time" },
  share: { type: "number", above: 0, max: 1, value: "X", help: "train on this share of the images, drawn by the seed; all when absent" },
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
  workers,
  threads,
  engine,
  device,
  json,
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
    flags: { workers, threads, engine, device, json },
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
    flags: {
      ...experiment,
      threads,
      engine,
      device,
      json,
      graph: { type: "string", value: "FILE", help: "write the step's graph as text" },
    },
  },
  ...assessSpecs,
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
      workers,
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
      workers,
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
    flags: {
      engine,
      device,
      chaos: {
        type: "string",
        value: "FOLDER",
        help: "kill, damage and starve small runs in a folder of its own within this one, and tell whether they survive; minutes",
      },
      json,
    },
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
