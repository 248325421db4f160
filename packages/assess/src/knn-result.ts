import type { Engine } from "@twinview/engine";
import { knnAccuracies, type LabelledRows, type Neighbours, nearestNeighbours } from "@twinview/eval";

export interface KnnOptions {
  readonly k: readonly number[];
  readonly temperature: number;
}

/** Accuracies in 0..1 by k, as text: `{ "20": 0.81 }`. */
export type KnnAccuracies = Readonly<Record<string, number>>;

/** Weighted kNN of test features against training features, for every k at once. */
export const knnOf = async (
  { engine, threads, k, temperature }: KnnOptions & { readonly engine: Engine; readonly threads?: number | undefined },
  bank: LabelledRows,
  queries: LabelledRows,
  classes: number,
): Promise<{ readonly accuracies: KnnAccuracies; readonly neighbours: Neighbours }> => {
  const cut = [...new Set(k.map((each) => Math.min(each, bank.features.rows)))]; // a k above the bank counts all
  const neighbours = await nearestNeighbours({ engine, bank: bank.features, queries: queries.features, k: Math.max(...cut), threads });
  const votes = { bankLabels: bank.labels, queryLabels: queries.labels, classes, k: cut, temperature };
  return { accuracies: knnAccuracies(neighbours, votes), neighbours };
};
