import { between, bool, closed, positive, positiveInt, wholeBetween } from "@twinview/config";
import type { RecipeConfig } from "@twinview/recipes";

/** SimCLR's own settings. */
export const fields = {
  heads: closed("heads", { hidden: positiveInt, out: positiveInt, layers: wholeBetween(1, 16), norm: bool }),
  tau: positive,
  /** Strength of the colour jitter: 1 as published, .5 on small images. */
  strength: between(0, 1),
} as const;

/** Everything that defines a SimCLR run; written to the run's config.json and read back to resume. */
export type SimclrConfig = RecipeConfig<typeof fields>;
