import { recipeApp } from "@twinview/recipes";
import type { App } from "@twinview/train";
import { fields } from "./config.ts";
import { mocoV3Experiment } from "./experiment.ts";
import { presets } from "./presets.ts";

/** MoCo v3 as an application of the twinview command. */
export const mocoV3App: App = recipeApp({
  method: "moco-v3",
  summary: "MoCo v3: contrast two views of an image with a moving-average encoder's keys",
  fields,
  presets,
  experiment: mocoV3Experiment,
});
