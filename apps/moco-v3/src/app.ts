import { backboneName, backbones } from "@twinview/recipes";
import type { App } from "@twinview/train";
import { configCodec, type MocoV3Config } from "./config.ts";
import { mocoV3Experiment } from "./experiment.ts";
import { presets } from "./presets.ts";
import { resolve } from "./resolve.ts";

/** MoCo v3 as an application of the twinview command. */
export const mocoV3App: App<MocoV3Config> = {
  method: "moco-v3",
  summary: "MoCo v3: contrast two views of an image with a moving-average encoder's keys",
  codec: configCodec,
  presets: Object.keys(presets),
  backbones: Object.keys(backbones),
  resolve,
  experiment: mocoV3Experiment,
  settings: ({ knn, checkpoint }) => ({ knn, checkpoint }),
  describe: ({ backbone, data }) => ({ backbone: backboneName(backbone), data }),
};
