import { recipeApp } from "@twinview/recipes";
import type { App } from "@twinview/train";
import { fields } from "./config.ts";
import { swavExperiment } from "./experiment.ts";
import { presets } from "./presets.ts";

/** SwAV as an application of the twinview command. */
export const swavApp: App = recipeApp({
  method: "swav",
  summary: "SwAV: predict the balanced prototype codes of an image's other crops",
  fields,
  presets,
  experiment: swavExperiment,
});
