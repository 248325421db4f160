import { closed, fraction, natural, nonNegative, positive, positiveInt, type TypeOf, text } from "@twinview/config";
import { backboneCodec } from "./backbone.ts";

/** Learning rate = baseRate x batch / 256, after a linear warm-up, by half a cosine to 0. */
const optimizer = closed("optimizer", { baseRate: nonNegative, weightDecay: nonNegative, warmupEpochs: nonNegative });

/** The settings every method has; each app adds its own. */
export const commonFields = {
  data: text,
  seed: natural,
  backbone: backboneCodec,
  /** Side of the views, in pixels. */
  image: positiveInt,
  views: closed("views", {
    /** The smallest area of a crop, as a share of the image. */
    smallestCrop: fraction,
    /** Factor on the probabilities of blur: 1 as published, 0 leaves it out. */
    blur: fraction,
  }),
  batch: positiveInt,
  epochs: positive,
  optimizer,
  knn: closed("knn", {
    everyEpochs: positive,
    /** Images in the bank and among the queries of the monitor, and of the final numbers. */
    bank: positiveInt,
    queries: positiveInt,
    finalBank: positiveInt,
    finalQueries: positiveInt,
  }),
  checkpoint: closed("checkpoint", { everySteps: positiveInt, keep: positiveInt }),
  /** Images that pass through the encoder together; a matter of speed only. */
  chunk: positiveInt,
} as const;

const common = closed("run", commonFields);
export type CommonConfig = TypeOf<typeof common>;
