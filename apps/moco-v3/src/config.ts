import {
  bool,
  type Codec,
  choice,
  closed,
  fraction,
  natural,
  nonNegative,
  positive,
  positiveInt,
  type TypeOf,
  text,
} from "@twinview/config";
import { sizes } from "@twinview/vit";

const sizeNames = Object.keys(sizes) as (keyof typeof sizes)[];

/** Everything that defines a MoCo v3 run on ViT; written to the run's config.json and read back to resume. */
export const mocoV3Config = closed("MoCo v3", {
  method: choice(["moco-v3"]),
  data: text,
  seed: natural,
  backbone: closed("backbone", {
    size: choice(sizeNames),
    patch: positiveInt,
    position: choice(["sin-cos", "learned", "none"]),
    readout: choice(["token", "average"]),
    finalNorm: bool,
    freezePatch: bool,
  }),
  /** Side of the views, in pixels. */
  image: positiveInt,
  heads: closed("heads", { hidden: positiveInt, out: positiveInt }),
  tau: positive,
  /** The smallest area of a crop, as a share of the image. */
  smallestCrop: fraction,
  batch: positiveInt,
  epochs: positive,
  /** Learning rate = baseRate x batch / 256. */
  optimizer: closed("optimizer", { baseRate: nonNegative, weightDecay: nonNegative, warmupEpochs: nonNegative }),
  /** The moving average's momentum at the start; it follows a cosine to 1. */
  momentum: fraction,
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
});

export type MocoV3Config = TypeOf<typeof mocoV3Config>;
export const configCodec: Codec<MocoV3Config> = mocoV3Config;
