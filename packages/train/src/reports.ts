import { view } from "@twinview/augment";
import { fold, rngOf } from "@twinview/core";
import { toPngDataUri } from "@twinview/data";
import type { Neighbours } from "@twinview/eval";
import type { ReportInput } from "@twinview/report";
import type { Experiment } from "./experiment.ts";
import type { ImageSet, KnnSets } from "./monitor.ts";

const imageAt = (set: ImageSet, index: number) => {
  const bytes = set.size * set.size * 3;
  return { width: set.size, height: set.size, data: set.pixels.subarray(index * bytes, (index + 1) * bytes) };
};

/** A few training images with the views the method makes of them. */
export const sampleViews = async (experiment: Experiment, bank: ImageSet, count = 6): Promise<ReportInput["samples"]> => {
  const renderers = experiment.views.map((options) => view(options));
  const samples = Array.from({ length: Math.min(count, bank.count) }, async (_, i) => {
    const image = imageAt(bank, i);
    const key = fold(fold(rngOf(experiment.seed), "report"), i);
    const views = renderers.map((renderer, v) => toPngDataUri(renderer.render(image, fold(key, v))));
    return { original: await toPngDataUri(image), views: await Promise.all(views) };
  });
  return Promise.all(samples);
};

/** A few queries with their nearest images of the bank, for the eye. */
export const neighbourImages = async (
  sets: KnnSets,
  neighbours: Neighbours,
  classes: readonly string[],
  show = 8,
  count = 8,
): Promise<ReportInput["neighbours"]> => {
  const labelOf = (set: ImageSet, index: number): { readonly label?: string } => {
    const name = sets.classes > 0 ? classes[set.labels[index] as number] : undefined;
    return name === undefined ? {} : { label: name };
  };
  const rows = Array.from({ length: Math.min(count, neighbours.queries) }, async (_, query) => {
    const nearest = Array.from({ length: Math.min(show, neighbours.k) }, async (__, i) => {
      const at = query * neighbours.k + i;
      const index = neighbours.indices[at] as number;
      return {
        image: await toPngDataUri(imageAt(sets.bank, index)),
        similarity: neighbours.similarities[at] as number,
        ...labelOf(sets.bank, index),
      };
    });
    return {
      query: { image: await toPngDataUri(imageAt(sets.queries, query)), ...labelOf(sets.queries, query) },
      nearest: await Promise.all(nearest),
    };
  });
  return Promise.all(rows);
};
