import type { Summary } from "@twinview/report";
import { medianOf, type Spread, spreadOf } from "./statistics.ts";

/** One row of the table: all seeds of a method on a backbone. */
export interface ComparedCell {
  readonly method: string;
  readonly backbone: string;
  readonly seeds: readonly number[];
  /** kNN accuracy of the trained encoder, in 0..1, over seeds; null without labels. */
  readonly knn: Spread | null;
  /** The same of the untrained encoder. */
  readonly untrained: Spread | null;
  readonly imagesPerSecond: number;
  readonly peakRssBytes: number;
  readonly steps: number;
  readonly seconds: number;
}

/** A comparison as written to comparison.json. */
export interface Comparison {
  readonly dataset: string;
  /** kNN accuracy of raw pixels, in 0..1; null without labels. */
  readonly raw: number | null;
  readonly cells: readonly ComparedCell[];
}

const spreadOrNull = (values: readonly (number | undefined)[]): Spread | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length && known.length > 0 ? spreadOf(known) : null;
};

/** Groups the summaries of runs by method and backbone, in the order of their first appearance. */
export const comparisonOf = (summaries: readonly Summary[]): Comparison => {
  const groups = new Map<string, Summary[]>();
  for (const summary of summaries) {
    const key = JSON.stringify([summary.method, summary.backbone]);
    groups.set(key, [...(groups.get(key) ?? []), summary]);
  }
  const cells = [...groups.values()].map((group): ComparedCell => {
    const { method, backbone } = group[0] as Summary;
    return {
      method,
      backbone,
      seeds: group.map((summary) => summary.seed),
      knn: spreadOrNull(group.map((summary) => summary.knn?.trained)),
      untrained: spreadOrNull(group.map((summary) => summary.knn?.random)),
      imagesPerSecond: medianOf(group.map((summary) => summary.imagesPerSecond)),
      peakRssBytes: Math.max(...group.map((summary) => summary.peakRssBytes)),
      steps: medianOf(group.map((summary) => summary.steps)),
      seconds: group.reduce((sum, summary) => sum + summary.seconds, 0),
    };
  });
  return { dataset: summaries[0]?.dataset ?? "", raw: summaries[0]?.knn?.raw ?? null, cells };
};
