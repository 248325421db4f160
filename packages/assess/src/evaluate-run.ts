import type { Detected } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import { type FeatureQuality, type LinearProbe, vote } from "@twinview/eval";
import { knnSettings } from "@twinview/train";
import { attentionMaps } from "./attention-maps.ts";
import { backboneIn } from "./backbone-of.ts";
import { encoderWeights, type Which, weightsHash } from "./encoder-weights.ts";
import type { EvaluationDetails } from "./eval-page.ts";
import { openFeatures } from "./feature-session.ts";
import { keyedIndices } from "./keyed-indices.ts";
import { type KnnAccuracies, type KnnOptions, knnOf } from "./knn-result.ts";
import { type LabelledData, labelledData } from "./labelled-data.ts";
import { type LinearOptions, type LinearResult, linearOf } from "./linear-result.ts";
import type { OpenedRun } from "./open-run.ts";
import { qualityOf } from "./quality-result.ts";

/** What is measured of a run's encoders. */
export interface EvaluateOptions {
  readonly opened: OpenedRun;
  readonly data: Detected;
  /** The name of the data, for errors and the result. */
  readonly dataName: string;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** The encoder that is measured. */
  readonly which: Which;
  /** Other encoders of the run that kNN is measured of, too. */
  readonly alsoKnn?: readonly Which[];
  readonly knn?: KnnOptions | undefined;
  readonly linear?: LinearOptions | undefined;
  /** At most so many training and test images; all when absent. */
  readonly trainImages?: number | undefined;
  readonly testImages?: number | undefined;
  readonly onNote: (text: string) => void;
}

/** What was found, as written to eval.json; accuracies in 0..1. */
export interface Evaluation {
  readonly data: string;
  readonly images: { readonly train: number; readonly test: number };
  readonly encoder: Which;
  readonly backbone: {
    readonly name: string;
    readonly width: number;
    readonly step: number;
    /** SHA-256 of the weights in the checkpoint, and of those in the engine when all was done. */
    readonly before: string;
    readonly after: string;
    readonly unchanged: boolean;
  };
  /** Accuracies by k, for each encoder. */
  readonly knn?: Readonly<Record<string, KnnAccuracies>>;
  readonly temperature?: number;
  readonly linear?: LinearResult;
  readonly quality: FeatureQuality;
}

type Opened = Awaited<ReturnType<typeof openFeatures>>;

/** Opens an encoder, does something with its features, and closes it; the hashes say whether its weights stayed. */
const withEncoder = async <A>(
  { engine, threads, opened }: EvaluateOptions,
  which: Which,
  use: (session: Opened) => Promise<A>,
): Promise<{ readonly found: A; readonly before: string; readonly after: string }> => {
  const weights = encoderWeights(opened, which);
  const session = await openFeatures({ engine, weights, image: opened.run.experiment.image, threads });
  try {
    const found = await use(session);
    return { found, before: weightsHash(weights), after: await session.hash() };
  } finally {
    await session.close();
  }
};

const setsOf = async (options: EvaluateOptions, session: Opened, { train, test }: LabelledData) => {
  const { seed } = options.opened.run.experiment;
  const sets = {
    train: await session.ofSource(train, keyedIndices(train.length, options.trainImages, seed, "bank")),
    test: await session.ofSource(test, keyedIndices(test.length, options.testImages, seed, "queries")),
  };
  for (const { path, reason } of [...sets.train.bad, ...sets.test.bad]) options.onNote(`left out ${path}: ${reason}`);
  return sets;
};

const shownImages = 6;
/** Neighbours that vote for the class of an image where there is no linear probe, and how many are shown. */
const votingNeighbours = 20;

/** kNN and linear probe of an encoder, each where it is asked for, on features that are computed once. */
const classify = async (options: EvaluateOptions, session: Opened, data: LabelledData) => {
  const { engine, threads, knn, linear } = options;
  const { image } = options.opened.run.experiment;
  const { train, test } = await setsOf(options, session, data);
  const near = knn && (await knnOf({ engine, threads, ...knn }, train, test, data.classes.length));
  const probe = linear && (await linearOf({ engine, threads, session, image, data, train, test, options: linear }));
  return { images: { train: train.indices.length, test: test.indices.length }, near, probe, train, test };
};

const withoutPredictions = ({ predicted: _, ...rest }: LinearProbe): LinearResult => rest;

type Classified = Awaited<ReturnType<typeof classify>>;

/** What a page shows beside the numbers. */
const detailsOf = async (options: EvaluateOptions, data: LabelledData, found: Classified): Promise<EvaluationDetails> => {
  const { engine, threads, opened, which } = options;
  const { train, test, probe } = found;
  const { temperature } = options.knn ?? knnSettings;
  const settings = { k: [votingNeighbours], temperature };
  const { neighbours } = found.near ?? (await knnOf({ engine, threads, ...settings }, train, test, data.classes.length));
  const votes = { bankLabels: train.labels, classes: data.classes.length, k: votingNeighbours, temperature };
  const attention = await attentionMaps({
    engine,
    threads,
    weights: encoderWeights(opened, which),
    backbone: backboneIn(opened.stored.config, opened.stored.configPath),
    image: opened.run.experiment.image,
    source: data.test,
    indices: Array.from(keyedIndices(test.indices.length, shownImages, 0, "attention"), (at) => test.indices[at] as number),
  });
  const predicted = probe?.predicted ?? vote(neighbours, votes);
  return { data, train, test, neighbours, predicted, predictedBy: probe === undefined ? "nearest neighbours" : "linear probe", attention };
};

/** An evaluation, and what it saw on its way where classes were asked for. */
export interface Evaluated {
  readonly evaluation: Evaluation;
  /** What a page shows beside the numbers; undefined where neither kNN nor a probe was asked for. */
  readonly details: () => Promise<EvaluationDetails> | undefined;
}

/** Evaluates frozen encoders of a run: kNN, a linear probe, and what needs no labels. Throws a user error where the data do not allow it. */
export const evaluateRun = async (options: EvaluateOptions): Promise<Evaluated> => {
  const { opened, data, dataName, engine, threads, which, knn, linear, alsoKnn = [] } = options;
  const { experiment, backbone } = opened.run;
  const labelled = knn === undefined && linear === undefined ? undefined : labelledData(data, dataName);
  const main = await withEncoder(options, which, async (session) => ({
    quality: await qualityOf({ engine, threads, session, experiment, source: data.test ?? data.train }),
    classified: labelled && (await classify(options, session, labelled)),
  }));
  const { classified, quality } = main.found;
  const near: [Which, KnnAccuracies | undefined][] = [[which, classified?.near?.accuracies]];
  if (knn !== undefined && labelled !== undefined)
    for (const other of alsoKnn) {
      const only = { ...options, linear: undefined };
      const { found } = await withEncoder(options, other, (session) => classify(only, session, labelled));
      near.push([other, found.near?.accuracies]);
    }
  const { before, after } = main;
  const evaluation: Evaluation = {
    data: dataName,
    images: classified?.images ?? { train: 0, test: 0 },
    encoder: which,
    backbone: { name: backbone, width: experiment.encoder.dim, step: opened.checkpoint.step, before, after, unchanged: before === after },
    ...(knn === undefined ? {} : { knn: Object.fromEntries(near) as Evaluation["knn"] & object, temperature: knn.temperature }),
    ...(classified?.probe === undefined ? {} : { linear: withoutPredictions(classified.probe) }),
    quality,
  };
  return { evaluation, details: () => labelled && classified && detailsOf(options, labelled, classified) };
};
