import type { Neighbours } from "./neighbours.ts";

export interface VoteOptions {
  readonly bankLabels: ArrayLike<number>;
  readonly queryLabels: ArrayLike<number>;
  readonly classes: number;
  /** How many neighbours vote; cut to those that were searched for. */
  readonly k: number;
  /** Votes weigh `exp(similarity / temperature)`. */
  readonly temperature: number;
}

/** The class that the neighbours of each query vote for. @see Wu et al., arXiv 1805.01978, section 3.4. */
export const vote = (
  { queries, k: searched, indices, similarities }: Neighbours,
  options: Omit<VoteOptions, "queryLabels">,
): Int32Array => {
  const k = Math.min(options.k, searched);
  const winners = new Int32Array(queries);
  const votes = new Float64Array(options.classes);
  for (let query = 0; query < queries; query++) {
    votes.fill(0);
    const top = similarities[query * searched] as number;
    for (let i = 0; i < k; i++) {
      const label = options.bankLabels[indices[query * searched + i] as number] as number;
      // relative to the nearest: the same winner, and exp never overflows
      votes[label] = (votes[label] as number) + Math.exp(((similarities[query * searched + i] as number) - top) / options.temperature);
    }
    winners[query] = votes.indexOf(Math.max(...votes));
  }
  return winners;
};

/** The share of queries whose neighbours vote for the right class, in 0..1: top-1 of the weighted kNN classifier. */
export const knnAccuracy = (neighbours: Neighbours, options: VoteOptions): number => {
  const winners = vote(neighbours, options);
  let right = 0;
  for (let query = 0; query < winners.length; query++) if (winners[query] === options.queryLabels[query]) right++;
  return right / Math.max(1, winners.length);
};

/** Accuracies of the weighted vote for several k at once, by k as text: `{ "20": 0.81, "200": 0.79 }`. A k above the bank counts all. */
export const knnAccuracies = (
  neighbours: Neighbours,
  options: Omit<VoteOptions, "k"> & { readonly k: readonly number[] },
): Readonly<Record<string, number>> => Object.fromEntries(options.k.map((k) => [String(k), knnAccuracy(neighbours, { ...options, k })]));
