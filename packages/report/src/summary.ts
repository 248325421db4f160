import { anyNumber, closed, fraction, natural, nonNegative, nullable, positiveInt, type TypeOf, text } from "@twinview/config";

/** The codec of summary.json: the result of a run, read by programs. Accuracies are in 0..1, times in seconds. */
export const summaryCodec = closed(
  "summary",
  {
    method: text,
    backbone: text,
    dataset: text,
    seed: anyNumber,
    steps: natural,
    /** Training speed over the whole run. */
    imagesPerSecond: anyNumber,
    peakRssBytes: nonNegative,
    loss: closed("loss", { first: anyNumber, last: anyNumber }),
    /** Top-1 accuracy of k nearest neighbours on raw pixels, the untrained encoder and the trained one; null without labels. */
    knn: nullable(closed("knn", { raw: fraction, random: fraction, trained: fraction, k: positiveInt })),
    stability: closed(
      "stability",
      { spikes: natural, dips: natural, nonFinite: natural },
      /** How often representations collapsed; absent in summaries of earlier versions. */
      { collapse: natural },
    ),
    /** Time spent training. */
    seconds: nonNegative,
  },
  {
    /** Top-1 accuracy of a linear classifier: best over its epochs, and at its last. */
    linear: closed("linear", { best: fraction, last: fraction, lr: anyNumber }),
  },
);

/** The result of a run. */
export type Summary = TypeOf<typeof summaryCodec>;
