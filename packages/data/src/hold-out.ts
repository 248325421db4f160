import { fold, permutation, rngOf } from "@twinview/core";
import { type Source, subset } from "./source.ts";

export interface HoldOutOptions {
  /** Share of each class to hold out. Default 0.1. */
  readonly share?: number;
  /** At most this many images in all. Default 10,000. */
  readonly atMost?: number;
  readonly seed?: number;
}

/**
 * Splits off a test set: the same share of every class, chosen by key; a class keeps at least one image in training.
 * A source without labels is given back whole, with no test set.
 */
export const holdOut = (
  source: Source,
  { share = 0.1, atMost = 10_000, seed = 0 }: HoldOutOptions = {},
): { train: Source; test?: Source } => {
  const { labels, classes } = source;
  if (labels === undefined || classes === undefined) return { train: source };
  const wanted = Math.min(share, atMost / source.length);
  const members: number[][] = classes.map(() => []);
  for (let i = 0; i < source.length; i++) members[labels[i] as number]?.push(i);
  const rng = fold(rngOf(seed), "hold out");
  const held = new Set<number>();
  members.forEach((indices, label) => {
    const order = permutation(fold(rng, label), indices.length);
    const count = Math.min(Math.round(indices.length * wanted), Math.max(0, indices.length - 1));
    for (let k = 0; k < count; k++) held.add(indices[order[k] as number] as number);
  });
  if (held.size === 0) return { train: source };
  const all = Array.from({ length: source.length }, (_, i) => i);
  const bad = source.bad === undefined ? {} : { bad: source.bad };
  return {
    train: {
      ...subset(
        source,
        all.filter((i) => !held.has(i)),
        `${source.name}-train`,
      ),
      ...bad,
    },
    test: subset(
      source,
      all.filter((i) => held.has(i)),
      `${source.name}-held-out`,
    ),
  };
};
