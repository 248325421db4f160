import type { HostArray } from "@twinview/core";
import type { Engine, Session } from "@twinview/engine";
import { knnAccuracy, type Neighbours, nearestNeighbours, type Rows } from "@twinview/eval";

/** Clean images of a fixed size with their labels, as bytes `[count, size, size, 3]`. */
export interface ImageSet {
  readonly count: number;
  readonly size: number;
  readonly pixels: Uint8Array;
  /** Class of each image; empty when there are none. */
  readonly labels: Int32Array;
}

/** The two sides of kNN evaluation. */
export interface KnnSets {
  readonly bank: ImageSet;
  readonly queries: ImageSet;
  readonly classes: number;
}

/** Settings of the kNN monitor. @see arXiv 1805.01978 for the weighted vote; temperature as in its code and DINO's. */
export const knnSettings = { temperature: 0.07, k: [20, 200] } as const;
/** The k of the headline numbers. */
export const headlineK = 20;

/** Top-1 accuracy in 0..1 by k, as text keys: `{ "20": .81, "200": .79 }`. */
export type Top1 = Readonly<Record<string, number>>;

/** Features of all images of a set, block by block; the last block is filled up with black images, which are dropped again. */
export const featuresOf = async (session: Session, program: string, set: ImageSet, batch: number, width: number): Promise<Rows> => {
  const imageBytes = set.size * set.size * 3;
  const data = new Float32Array(set.count * width);
  for (let start = 0; start < set.count; start += batch) {
    const have = Math.min(batch, set.count - start);
    const pixels = new Uint8Array(batch * imageBytes);
    pixels.set(set.pixels.subarray(start * imageBytes, (start + have) * imageBytes));
    const { outputs } = await session.run(program, { images: { shape: [batch, set.size, set.size, 3], dtype: "uint8", data: pixels } });
    data.set(((outputs.features as HostArray).data as Float32Array).subarray(0, have * width), start * width);
  }
  return { rows: set.count, width, data };
};

/** The pixels themselves as features: the baseline that says what is easy. */
export const rawRows = ({ count, size, pixels }: ImageSet): Rows => {
  const data = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) data[i] = (pixels[i] as number) / 255; // Float32Array.from would first make a list of all
  return { rows: count, width: size * size * 3, data };
};

/** Accuracy of the weighted kNN vote for every k of the settings. */
export const top1Of = (neighbours: Neighbours, sets: KnnSets): Top1 =>
  Object.fromEntries(
    knnSettings.k.map((k) => [
      String(k),
      knnAccuracy(neighbours, {
        bankLabels: sets.bank.labels,
        queryLabels: sets.queries.labels,
        classes: sets.classes,
        k,
        temperature: knnSettings.temperature,
      }),
    ]),
  );

/** The nearest images of the bank for each query, in a space of features. */
export const neighboursOf = (engine: Engine, bank: Rows, queries: Rows, threads?: number): Promise<Neighbours> =>
  nearestNeighbours({ engine, bank, queries, k: Math.max(...knnSettings.k), threads });
