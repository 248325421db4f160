import { closed, fraction, positive, positiveInt } from "@twinview/config";
import type { RecipeConfig } from "@twinview/recipes";

/** MoCo v3's own settings. */
export const fields = {
  heads: closed("heads", {
    hidden: positiveInt,
    out: positiveInt,
  }),
  tau: positive,
  /** The moving average's momentum at the start; it follows a cosine to 1. */
  momentum: fraction,
} as const;

/** Everything that defines a MoCo v3 run; written to the run's config.json and read back to resume. */
export type MocoV3Config = RecipeConfig<typeof fields>;
