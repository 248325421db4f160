import type { Engine, Session } from "@twinview/engine";
import type { Neighbours } from "@twinview/eval";
import type { Experiment } from "./experiment.ts";
import { featuresOf, headlineK, type KnnSets, neighboursOf, rawRows, type Top1, top1Of } from "./monitor.ts";

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
  readonly threads?: number;
}): Promise<{ readonly top1: Top1 | null; readonly neighbours: Neighbours }> => {
  const { engine, session, experiment, sets, which, evalBatch, threads } = args;
  const program = `features/${which}`;
  const bank = await featuresOf(session, program, sets.bank, evalBatch, experiment.encoder.dim);
  const queries = await featuresOf(session, program, sets.queries, evalBatch, experiment.encoder.dim);
  const neighbours = await neighboursOf(engine, bank, queries, threads);
  return { top1: sets.classes > 0 ? top1Of(neighbours, sets) : null, neighbours };
};

/** kNN on raw pixels; null without labels. */
export const evaluatePixels = async (engine: Engine, sets: KnnSets, threads?: number): Promise<Top1 | null> =>
  sets.classes > 0 ? top1Of(await neighboursOf(engine, rawRows(sets.bank), rawRows(sets.queries), threads), sets) : null;

/** The number that a result is quoted by, in 0..1. */
export const headline = (top1: Top1 | null): number | null => top1?.[String(headlineK)] ?? null;
