import { readImages, type Source } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import { type FeatureQuality, featureQuality, firstRows, qualityProgram } from "@twinview/eval";
import { type Experiment, viewPairs } from "@twinview/train";
import type { FeatureSession } from "./feature-session.ts";
import { keyedIndices } from "./keyed-indices.ts";

const counts = { images: 2_000, pairs: 500 } as const;

/** The quality of features of images as they are, and of pairs of views that the run's method makes of them; needs no labels. */
export const qualityOf = async (args: {
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly session: FeatureSession;
  readonly experiment: Experiment;
  readonly source: Source;
}): Promise<FeatureQuality> => {
  const { engine, threads, session, experiment, source } = args;
  const { image, seed, encoder } = experiment;
  const { bytes, indices } = await readImages(source, keyedIndices(source.length, counts.images, seed, "quality"), { size: image });
  const set = { count: indices.length, size: image, pixels: bytes, labels: new Int32Array(0) };
  const pairs = viewPairs(experiment, set, counts.pairs);
  const clean = firstRows(await session.of(set), counts.images);
  const program = qualityProgram({ images: clean.rows, pairs: pairs.first.count, width: encoder.dim });
  const measure = await engine.open({ state: null, programs: { program }, threads });
  try {
    const [first, second] = [await session.of(pairs.first), await session.of(pairs.second)];
    return await featureQuality({ clean, first, second }, (inputs) => measure.run("program", inputs));
  } finally {
    await measure.close();
  }
};
