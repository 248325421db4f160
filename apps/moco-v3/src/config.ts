import { bool, choice, closed, fraction, positive, positiveInt } from "@twinview/config";
import type { RecipeConfig } from "@twinview/recipes";

/** MoCo v3's own settings. */
export const fields = {
  heads: closed("heads", {
    hidden: positiveInt,
    out: positiveInt,
    /** Linear layers of the projector, as text: 3 for ViT, 2 for ResNet. */
    projectorLayers: choice(["2", "3"]),
    /** Whether queries pass a predictor, and whether it ends in a batch norm: for ViT it does, for ResNet it does not. */
    predictor: bool,
    predictorNorm: bool,
    /** Whether the heads have batch norms. */
    norm: bool,
  }),
  tau: positive,
  /** The moving average's momentum at the start; it follows a cosine to 1. */
  momentum: fraction,
} as const;

/** Everything that defines a MoCo v3 run; written to the run's config.json and read back to resume. */
export type MocoV3Config = RecipeConfig<typeof fields>;
