import { fold, permutation, rngOf } from "@twinview/core";
import { type Detected, readImages, type Source } from "@twinview/data";
import type { ImageSet, KnnSets } from "./monitor.ts";

/** How many images evaluation looks at. */
export interface KnnSizes {
  readonly bank: number;
  readonly queries: number;
}

/** Images of a source in a keyed order, the first `count` of them, decoded at a size. */
const take = async (source: Source, count: number, size: number, seed: number, purpose: string): Promise<ImageSet> => {
  const wanted = Math.min(count, source.length);
  const indices = permutation(fold(rngOf(seed), purpose), source.length).slice(0, wanted);
  const clean = await readImages(source, indices, { size });
  const labels = source.labels === undefined ? new Int32Array(0) : Int32Array.from(clean.indices, (i) => source.labels?.[i] ?? -1);
  return { count: clean.indices.length, size, pixels: clean.bytes, labels };
};

/**
 * The bank (training images) and the queries (test images; training images that are not in the bank when there is no test set).
 * `classes` is 0 when there are no labels: then neighbours can be shown but not scored.
 */
export const knnSets = async (data: Detected, { bank, queries }: KnnSizes, size: number, seed: number): Promise<KnnSets> => {
  const bankSet = await take(data.train, bank, size, seed, "bank");
  const classes = data.train.labels === undefined ? 0 : (data.train.classes?.length ?? 0);
  if (data.test !== undefined) return { bank: bankSet, queries: await take(data.test, queries, size, seed, "queries"), classes };
  const order = permutation(fold(rngOf(seed), "bank"), data.train.length);
  const rest = order.slice(bankSet.count, bankSet.count + queries);
  const indices = rest.length > 0 ? rest : order.slice(0, Math.min(queries, order.length));
  const clean = await readImages(data.train, indices, { size });
  return { bank: bankSet, queries: { count: clean.indices.length, size, pixels: clean.bytes, labels: new Int32Array(0) }, classes: 0 };
};
