import { simclr } from "@twinview/methods";
import { runParts } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { SimclrConfig } from "./config.ts";

/**
 * SimCLR from a configuration: linear warm-up then cosine, per step. `images` is the number of training images.
 * @throws ShapeError if sizes do not fit together.
 */
export const simclrExperiment = (config: SimclrConfig, { images }: { readonly images: number }): Experiment => {
  const { parts, schedules } = runParts(config, images);
  return experiment({
    ...parts,
    method: simclr({ ...config.heads, ...config.views, tau: config.tau, strength: config.strength }),
    schedules,
  });
};
