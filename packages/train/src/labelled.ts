import { checkOption, type HostArray, hostArray, type Tensor } from "@twinview/core";
import type { Loader, Source } from "@twinview/data";
import type { Experiment, Given } from "./experiment.ts";
import type { Batches } from "./loop.ts";

/** Target distributions `[B, classes]`: `1 - smoothing` for an image's own class, and `smoothing` spread over all. */
export const smoothTargets = (labels: ArrayLike<number>, classes: number, smoothing: number): HostArray => {
  const data = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let i = 0; i < labels.length; i++) {
    const own = i * classes + (labels[i] as number);
    data[own] = (data[own] as number) + 1 - smoothing;
  }
  return hostArray(data, [labels.length, classes]);
};

/**
 * An experiment whose loss reads targets `[B, classes]`: composed around those of its steps, which run at once.
 * @throws ShapeError if it asks for micro-batches.
 */
export const labelled = (
  compose: (targets?: Tensor) => Experiment,
  { classes, smoothing }: { readonly classes: number; readonly smoothing: number },
): Experiment & { readonly given: Given } => {
  const plain = compose();
  const { batch, microBatch } = plain;
  checkOption("labelled", "microBatch", microBatch, microBatch === batch, `the batch, ${batch}: with labels a step runs at once`);
  const given: Given = {
    specs: { targets: { shape: [batch, classes], dtype: "float32" } },
    reading: ({ targets }) => compose(targets),
    ofLabels: (labels) => ({ targets: smoothTargets(labels, classes, smoothing) }),
  };
  return { ...plain, given };
};

/**
 * The batches of a loader with what the experiment's steps are given for the classes of their images.
 * @throws Error if the images have no classes.
 */
export const labelledBatches = (loader: Loader, { name, labels }: Source, { given }: Experiment): Batches => {
  if (given === undefined) return loader;
  if (labels === undefined) throw new Error(`${name}: the experiment learns from labels, and there are none`);
  const next: Batches["next"] = async () => {
    const batch = await loader.next();
    return { ...batch, given: given.ofLabels(Int32Array.from(batch.indices, (index) => labels[index] as number)) };
  };
  return { stepsPerEpoch: loader.stepsPerEpoch, next };
};
