import type { Engine, Session } from "@twinview/engine";
import { type FeatureQuality, featureQuality, firstRows, type Neighbours, type Rows } from "@twinview/eval";
import type { Experiment } from "./experiment.ts";
import { featuresOf, headlineK, type ImageSet, type KnnSets, neighboursOf, rawRows, type Top1, top1Of } from "./monitor.ts";
import type { ViewPairs } from "./view-pairs.ts";

/** kNN results that a trained encoder is measured against; null without labels. */
export interface Baselines {
  /** The pixels themselves. */
  readonly raw: Top1 | null;
  /** The encoder with its random initial values. */
  readonly random: Top1 | null;
}

/** Evaluates one encoder of the running session on a pair of image sets. */
export const evaluateEncoder = async (args: {
  readonly engine: Engine;
  readonly session: Session;
  readonly experiment: Experiment;
  readonly sets: KnnSets;
  readonly which: "online" | "target";
  readonly evalBatch: number;
  readonly threads?: number | undefined;
}): Promise<{ readonly top1: Top1 | null; readonly neighbours: Neighbours; readonly queries: Rows }> => {
  const { engine, session, experiment, sets, which, evalBatch, threads } = args;
  const program = `features/${which}`;
  const bank = await featuresOf(session, program, sets.bank, evalBatch, experiment.encoder.dim);
  const queries = await featuresOf(session, program, sets.queries, evalBatch, experiment.encoder.dim);
  const neighbours = await neighboursOf(engine, bank, queries, threads);
  return { top1: sets.classes > 0 ? top1Of(neighbours, sets) : null, neighbours, queries };
};

/** Images and pairs of views that the quality of features is measured on while a run is going on. */
export const qualityCounts = { images: 1_000, pairs: 500 } as const;

/** The quality of the online encoder's features by the session's program `quality`; `clean` are features of images as they are. */
export const evaluateQuality = async (args: {
  readonly session: Session;
  readonly experiment: Experiment;
  readonly clean: Rows;
  readonly pairs: ViewPairs;
  readonly evalBatch: number;
}): Promise<FeatureQuality> => {
  const { session, experiment, pairs, evalBatch } = args;
  const of = (set: ImageSet): Promise<Rows> => featuresOf(session, "features/online", set, evalBatch, experiment.encoder.dim);
  const clean = firstRows(args.clean, qualityCounts.images);
  return featureQuality({ clean, first: await of(pairs.first), second: await of(pairs.second) }, (inputs) =>
    session.run("quality", inputs),
  );
};

/** kNN on raw pixels; null without labels. */
export const evaluatePixels = async (engine: Engine, sets: KnnSets, threads?: number): Promise<Top1 | null> =>
  sets.classes > 0 ? top1Of(await neighboursOf(engine, rawRows(sets.bank), rawRows(sets.queries), threads), sets) : null;

/** The number that a result is quoted by, in 0..1. */
export const headline = (top1: Top1 | null): number | null => top1?.[String(headlineK)] ?? null;
