import type { Detected } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import type { FeatureQuality, LinearProbe } from "@twinview/eval";
import { encoderWeights, type Which, weightsHash } from "./encoder-weights.ts";
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

/** kNN and linear probe of an encoder, each where it is asked for, on features that are computed once. */
const classify = async (options: EvaluateOptions, session: Opened, data: LabelledData) => {
  const { engine, threads, knn, linear } = options;
  const { image } = options.opened.run.experiment;
  const { train, test } = await setsOf(options, session, data);
  const near = knn && (await knnOf({ engine, threads, ...knn }, train, test, data.classes.length));
  const probe = linear && (await linearOf({ engine, threads, session, image, data, train, test, options: linear }));
  return { images: { train: train.indices.length, test: test.indices.length }, knn: near?.accuracies, probe };
};

const withoutPredictions = ({ predicted: _, ...rest }: LinearProbe): LinearResult => rest;

/** Evaluates frozen encoders of a run: kNN, a linear probe, and what needs no labels. Throws a user error where the data do not allow it. */
export const evaluateRun = async (options: EvaluateOptions): Promise<Evaluation> => {
  const { opened, data, dataName, engine, threads, which, knn, linear, alsoKnn = [] } = options;
  const { experiment, backbone } = opened.run;
  const labelled = knn === undefined && linear === undefined ? undefined : labelledData(data, dataName);
  const { found, before, after } = await withEncoder(options, which, async (session) => ({
    quality: await qualityOf({ engine, threads, session, experiment, source: data.test ?? data.train }),
    ...(labelled === undefined ? {} : await classify(options, session, labelled)),
  }));
  const near: [Which, KnnAccuracies | undefined][] = [[which, found.knn]];
  if (knn !== undefined && labelled !== undefined)
    for (const other of alsoKnn) {
      const only = { ...options, linear: undefined };
      const { found: beside } = await withEncoder(options, other, (session) => classify(only, session, labelled));
      near.push([other, beside.knn]);
    }
  return {
    data: dataName,
    images: found.images ?? { train: 0, test: 0 },
    encoder: which,
    backbone: { name: backbone, width: experiment.encoder.dim, step: opened.checkpoint.step, before, after, unchanged: before === after },
    ...(knn === undefined ? {} : { knn: Object.fromEntries(near) as Evaluation["knn"] & object, temperature: knn.temperature }),
    ...(found.probe === undefined ? {} : { linear: withoutPredictions(found.probe) }),
    quality: found.quality,
  };
};
