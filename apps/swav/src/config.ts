import { between, bool, closed, fraction, natural, nonNegative, positive, positiveInt, wholeBetween } from "@twinview/config";
import { type RecipeConfig, viewSide } from "@twinview/recipes";

/** SwAV's own settings. */
export const fields = {
  heads: closed("heads", { hidden: positiveInt, out: positiveInt, norm: bool }),
  prototypes: closed("prototypes", {
    count: positiveInt,
    /** Steps at the start during which the prototypes keep still. */
    frozenSteps: natural,
  }),
  tau: positive,
  /** Smoothness of the codes, and Sinkhorn iterations (0 switches the balancing off, and SwAV collapses). */
  codes: closed("codes", { epsilon: positive, iterations: wholeBetween(0, 1000) }),
  queue: closed("queue", {
    /** Embeddings of past batches that help to balance the codes: a multiple of the batch, or 0 for none. */
    length: natural,
    fromEpoch: nonNegative,
  }),
  /** Large crops, which give the codes, have the areas from `views.smallestCrop` to 1; small ones only predict. */
  crops: closed("crops", {
    large: wholeBetween(1, 64),
    small: wholeBetween(0, 64),
    /** Area of the small crops, as a share of the image. */
    smallFrom: fraction,
    smallTo: fraction,
    /** Side of the small crops, in pixels. */
    smallSize: viewSide,
  }),
  /** Strength of the colour jitter: 1 as published, .5 on small images. */
  strength: between(0, 1),
} as const;

/** Everything that defines a SwAV run; written to the run's config.json and read back to resume. */
export type SwavConfig = RecipeConfig<typeof fields>;
