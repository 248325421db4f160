import { bool, choice, closed, fraction, positiveInt } from "@twinview/config";
import type { RecipeConfig } from "@twinview/recipes";

/** BYOL's own settings. */
export const fields = {
  heads: closed("heads", { hidden: positiveInt, out: positiveInt, predictor: bool, norm: bool }),
  /** The moving average's momentum at the start; it follows a cosine to 1. */
  momentum: fraction,
  /** What the target network starts as: initial values of its own, as in the official code, or a copy. */
  targetStart: choice(["own", "copy"]),
} as const;

/** Everything that defines a BYOL run; written to the run's config.json and read back to resume. */
export type ByolConfig = RecipeConfig<typeof fields>;
