import { choice, closed, fraction, natural, numberThat, positive, positiveInt, type TypeOf, text, wholeBetween } from "@twinview/config";
import { onNonFiniteChoices } from "@twinview/train";
import { backboneCodec } from "./backbone.ts";
import { optimizerCodec } from "./optimizer.ts";

/** The side of a view, in pixels; the upper end keeps a slip of the pen from asking for all memory. */
export const viewSide = wholeBetween(1, 4096);

/** The settings every method has; each app adds its own. */
export const commonFields = {
  data: text,
  seed: natural,
  backbone: backboneCodec,
  /** Side of the views, in pixels. */
  image: viewSide,
  views: closed("views", {
    /** The smallest area of a crop, as a share of the image. */
    smallestCrop: fraction,
    /** Factor on the probabilities of blur: 1 as published, 0 leaves it out. */
    blur: fraction,
  }),
  batch: positiveInt,
  epochs: positive,
  optimizer: optimizerCodec,
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

/** Common settings that may be absent. */
export const commonOptions = {
  /**
   * Images whose activations are in memory at once; the step then runs in micro-batches, the same step in less memory
   * (methods/src/chunked-step.ts). Absent: the whole batch.
   */
  microBatch: positiveInt,
  /** What to do where a step is not finite (train/src/on-non-finite.ts). Absent: stop. */
  onNonFinite: choice(onNonFiniteChoices),
  /** Share of the training images that the run trains on, drawn by the seed; kNN goes on seeing all. Absent: all of them. */
  share: numberThat("a number above 0 and at most 1", (x) => x > 0 && x <= 1),
  /** The file whose weights the encoder starts from. */
  initFrom: closed("initFrom", { file: text, sha256: text }),
} as const;

const common = closed("run", commonFields, commonOptions);
export type CommonConfig = TypeOf<typeof common>;
