import { recipeApp } from "@twinview/recipes";
import type { App } from "@twinview/train";
import { fields } from "./config.ts";
import { simclrExperiment } from "./experiment.ts";
import { presets } from "./presets.ts";

/** SimCLR as an application of the twinview command. */
export const simclrApp: App = recipeApp({
  method: "simclr",
  summary: "SimCLR: every view of an image against all other views of all images",
  fields,
  presets,
  experiment: simclrExperiment,
});
