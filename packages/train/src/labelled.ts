import { checkOption, type HostArray, hostArray, type Tensor } from "@twinview/core";
import type { Loader, Source } from "@twinview/data";
import type { Experiment, Given, LabelledBatch } from "./experiment.ts";
import type { Batches } from "./loop.ts";

/**
 * Target distributions `[B, classes]`: `smoothing` is spread over all classes; of the rest an image's own class has `share`, that of its
 * partner in a mixed batch, the image at the mirrored place, the remainder.
 */
export const smoothTargets = (labels: ArrayLike<number>, classes: number, smoothing: number, share = 1): HostArray => {
  const count = labels.length;
  const data = new Float32Array(count * classes).fill(smoothing / classes);
  for (let i = 0; i < count; i++) {
    const [own, partner] = [i * classes + (labels[i] as number), i * classes + (labels[count - 1 - i] as number)];
    data[own] = (data[own] as number) + (1 - smoothing) * share;
    data[partner] = (data[partner] as number) + (1 - smoothing) * (1 - share);
  }
  return hostArray(data, [count, classes]);
};

/**
 * An experiment whose loss reads targets `[B, classes]`: composed around those of its steps, which run at once.
 * @throws ShapeError if it asks for micro-batches.
 */
export const labelled = (
  compose: (targets?: Tensor) => Experiment,
  { classes, targets }: { readonly classes: number; readonly targets: (batch: LabelledBatch) => HostArray },
): Experiment => {
  const plain = compose();
  const { batch, microBatch } = plain;
  checkOption("labelled", "microBatch", microBatch, microBatch === batch, `the batch, ${batch}: with labels a step runs at once`);
  const given: Given = {
    specs: { targets: { shape: [batch, classes], dtype: "float32" } },
    reading: ({ targets: read }) => compose(read),
    of: (shown) => ({ targets: targets(shown) }),
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
    return { ...batch, given: given.of({ ...batch, labels: Int32Array.from(batch.indices, (index) => labels[index] as number) }) };
  };
  return { stepsPerEpoch: loader.stepsPerEpoch, next };
};
