import { backboneName, backbones } from "@twinview/recipes";
import { type App, defineApp } from "@twinview/train";
import { configCodec } from "./config.ts";
import { mocoV3Experiment } from "./experiment.ts";
import { presets } from "./presets.ts";
import { resolve } from "./resolve.ts";

/** MoCo v3 as an application of the twinview command. */
export const mocoV3App: App = defineApp({
  method: "moco-v3",
  summary: "MoCo v3: contrast two views of an image with a moving-average encoder's keys",
  codec: configCodec,
  presets: Object.keys(presets),
  backbones: Object.keys(backbones),
  resolve,
  experiment: mocoV3Experiment,
  backboneName: ({ backbone }) => backboneName(backbone),
});
