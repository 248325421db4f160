import { recipeApp } from "@twinview/recipes";
import type { App } from "@twinview/train";
import { fields } from "./config.ts";
import { byolExperiment } from "./experiment.ts";
import { presets } from "./presets.ts";

/** BYOL as an application of the twinview command. */
export const byolApp: App = recipeApp({
  method: "byol",
  summary: "BYOL: predict the moving-average encoder's embedding of the other view",
  fields,
  presets,
  experiment: byolExperiment,
});
