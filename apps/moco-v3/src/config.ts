import { type Codec, choice, closed, fraction, positive, positiveInt, type TypeOf } from "@twinview/config";
import { commonFields } from "@twinview/recipes";

/** Everything that defines a MoCo v3 run; written to the run's config.json and read back to resume. */
export const mocoV3Config = closed("MoCo v3", {
  method: choice(["moco-v3"]),
  ...commonFields,
  heads: closed("heads", { hidden: positiveInt, out: positiveInt }),
  tau: positive,
  /** The moving average's momentum at the start; it follows a cosine to 1. */
  momentum: fraction,
});

export type MocoV3Config = TypeOf<typeof mocoV3Config>;
export const configCodec: Codec<MocoV3Config> = mocoV3Config;
