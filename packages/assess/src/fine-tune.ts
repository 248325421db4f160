import { failure, userError } from "@twinview/config";
import { type Encoder, fold, type HostTree, leaves, rngOf, type Tensor, topK } from "@twinview/core";
import { openLoader, readImages, type Source, subset } from "@twinview/data";
import type { Engine, Program, Session } from "@twinview/engine";
import { splitByClass } from "@twinview/eval";
import { features, supervised, type TrainingState } from "@twinview/methods";
import {
  addDecayedWeights,
  chain,
  decayMatrices,
  layerDecay,
  scaleBy,
  scaleByAdam,
  scaleByPath,
  scaledRate,
  warmupCosine,
} from "@twinview/optim";
import { type BackboneConfig, encoderOf } from "@twinview/recipes";
import {
  type Experiment,
  evalBatch,
  experiment,
  initialState,
  labelled,
  labelledBatches,
  runLoop,
  runnerOf,
  type StartWeights,
  startFrom,
} from "@twinview/train";
import type { EncoderWeights } from "./encoder-weights.ts";
import { initialWeights } from "./initial-weights.ts";
import { keyedIndices } from "./keyed-indices.ts";
import type { LabelledData } from "./labelled-data.ts";
import { type Mixing, mixBatch } from "./mixed-batch.ts";

/** How an encoder is trained with labels. */
export interface TuneSettings extends Mixing {
  /** Share of the labels of each class that are used; the other images are not seen. */
  readonly labels: number;
  /** 30 when absent, more where the labelled images make fewer than 600 steps. */
  readonly epochs?: number | undefined;
  readonly batch: number;
  /** Learning rate at batch 256; the rate is in proportion to the batch. */
  readonly baseRate: number;
  readonly weightDecay: number;
  /** Factor on the rate from each layer to the one before it; 1 trains all alike. */
  readonly layerDecay: number;
  readonly smallestCrop: number;
  readonly seed: number;
}

export interface TuneOptions {
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  readonly backbone: BackboneConfig;
  readonly image: number;
  /** What the encoder starts from; its own initial values, by the seed, when absent: the supervised baseline. */
  readonly weights?: EncoderWeights | undefined;
  readonly data: LabelledData;
  readonly settings: TuneSettings;
  /** Told after every epoch. */
  readonly onEpoch?: (at: { readonly epoch: number; readonly epochs: number; readonly loss: number }) => void;
}

/** What came of it; accuracies in 0..1, of the weights after the last epoch, on images as they are. */
export interface TuneResult {
  readonly test: number;
  /** On the training images whose labels were used, at most 10,000 of them. */
  readonly train: number;
  /** `train - test`: how much it learnt by heart. */
  readonly gap: number;
  readonly images: { readonly train: number; readonly test: number };
  readonly epochs: number;
  readonly steps: number;
  readonly loss: number;
}

/** The result with the encoder it was measured of. */
export interface Tuned {
  readonly result: TuneResult;
  readonly weights: StartWeights;
}

const mostTrainImages = 10_000;
const standardEpochs = 30;
const leastSteps = 600;

/** Blocks of a ViT or stages of a ResNet, by the paths of its parameters. */
const layersOf = (encoder: Encoder): number =>
  new Set(leaves(initialWeights(encoder).params).flatMap(([path]) => /^(?:blocks\/block\d+|layer\d+)/.exec(path) ?? [])).size;

/** The experiment for a number of images. */
const tuneExperiment = ({ backbone, image, data: { classes }, settings }: TuneOptions, images: number): Experiment => {
  const encoder = encoderOf({ ...backbone, freezePatch: false }, image);
  const { baseRate, weightDecay, smallestCrop, seed } = settings;
  const batch = Math.min(settings.batch, images);
  const stepsPerEpoch = Math.floor(images / batch);
  const steps = Math.max(1, Math.round((settings.epochs ?? Math.max(standardEpochs, leastSteps / stepsPerEpoch)) * stepsPerEpoch));
  const optimizer = chain({
    adam: scaleByAdam(),
    decay: addDecayedWeights("wd", { mask: decayMatrices }),
    layers: scaleByPath(layerDecay({ decay: settings.layerDecay, layers: layersOf(encoder) })),
    lr: scaleBy("lr", { sign: -1 }),
  });
  const lr = warmupCosine({ peak: scaledRate({ base: baseRate, batch }), warmup: Math.round(steps / 10), total: steps });
  const schedules = { lr, wd: () => weightDecay };
  const compose = (targets?: Tensor): Experiment => {
    const method = supervised({ classes: classes.length, targets, smallestCrop });
    return experiment({ encoder, method, optimizer, schedules, seed, image, batch, steps, monitors: false });
  };
  const rng = fold(fold(rngOf(seed), "fine-tune"), "mix");
  return labelled(compose, {
    classes: classes.length,
    targets: ({ step, views, labels }) => {
      const pixels = views[0] as Uint8Array;
      return mixBatch({ count: batch, side: image, pixels }, labels, classes.length, settings, fold(rng, step));
    },
  });
};

/** The class that the network gives to each image: output `classes [B, 1]`. */
const classifyProgram = ({ encoder, image }: Experiment, classes: number): Program => ({
  inputs: { images: { shape: [evalBatch, image, image, 3], dtype: "uint8" } },
  run: ({ state, inputs }) => {
    const { online, statistics } = state as unknown as TrainingState;
    const found = features(encoder, { params: online.encoder, state: statistics.online }, inputs.images as Tensor);
    const { classifier } = supervised({ classes, targets: undefined }).heads(encoder.dim);
    const logits = classifier.apply((online.heads as unknown as { readonly classifier: never }).classifier, found);
    return { outputs: { classes: topK(logits, 1).indices } };
  },
});

/** The share of images of a source that get their own class, decoded block by block. */
const accuracyOn = async (session: Session, source: Source, indices: Uint32Array, image: number): Promise<number> => {
  let [right, seen] = [0, 0];
  for (let start = 0; start < indices.length; start += evalBatch) {
    const { bytes, indices: read } = await readImages(source, indices.subarray(start, start + evalBatch), { size: image });
    const data = new Uint8Array(evalBatch * image * image * 3);
    data.set(bytes);
    const { outputs } = await session.run("classify", { images: { shape: [evalBatch, image, image, 3], dtype: "uint8", data } });
    for (const [i, index] of read.entries()) if (outputs.classes?.data[i] === source.labels?.[index]) right++;
    seen += read.length;
  }
  return right / Math.max(1, seen);
};

const nonFinite = (tensors: readonly string[]): Error =>
  failure(userError("non-finite", `fine-tuning stopped: ${tensors[0] ?? "the loss"} is not finite`, { fix: "try a lower --rate" }));

/**
 * Trains an encoder and a linear classifier with labels by the loop that pre-trains: AdamW, matrices decay, the rate falls from layer to
 * layer, a tenth of the steps of warm-up, then half a cosine. The test images are looked at once, after the last step.
 * Throws a user error where numbers leave the finite ones.
 */
export const fineTune = async (options: TuneOptions): Promise<Tuned> => {
  const { engine, threads, workers = 1, weights, image, data, settings } = options;
  const rng = fold(rngOf(settings.seed), "fine-tune");
  const { taken } = splitByClass(data.train.labels, { share: settings.labels, rng: fold(rng, "labels") });
  const source = settings.labels === 1 ? data.train : subset(data.train, taken, `${data.train.name}-labelled`);
  const classes = data.classes.length;
  const made = tuneExperiment(options, source.length);
  const { batch, steps } = made;
  const loader = openLoader({ source, views: made.views, batch, seed: settings.seed, workers });
  const session = await engine.open<string>({
    state: weights === undefined ? initialState(made) : startFrom(initialState(made), weights),
    programs: { ...runnerOf(made).programs, classify: classifyProgram(made, classes) },
    threads,
  });
  try {
    let loss = Number.NaN;
    const ending = await runLoop({
      experiment: made,
      session,
      batches: labelledBatches(loader, source, made),
      afterStep: async (result) => {
        loss = result.loss;
        if ((result.step + 1) % loader.stepsPerEpoch === 0)
          options.onEpoch?.({ epoch: Math.round(result.epoch), epochs: steps / loader.stepsPerEpoch, loss });
      },
    });
    if (ending.kind === "non-finite") throw nonFinite(ending.tensors);
    const some = keyedIndices(source.length, mostTrainImages, settings.seed, "fine-tune train");
    const all = keyedIndices(data.test.length, undefined, settings.seed, "fine-tune test");
    const train = await accuracyOn(session, source, some, image);
    const test = await accuracyOn(session, data.test, all, image);
    const images = { train: source.length, test: data.test.length };
    const { online, statistics } = (await session.read()) as unknown as Readonly<
      Record<"online" | "statistics", Readonly<Record<string, HostTree>>>
    >;
    return {
      result: { test, train, gap: train - test, images, epochs: steps / loader.stepsPerEpoch, steps, loss },
      weights: { params: online.encoder as HostTree, state: statistics.online as HostTree },
    };
  } finally {
    await session.close();
    await loader.close();
  }
};
