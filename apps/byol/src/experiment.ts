import { byol } from "@twinview/methods";
import { cosine } from "@twinview/optim";
import { runParts } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { ByolConfig } from "./config.ts";

/**
 * BYOL from a configuration: linear warm-up then cosine, momentum by cosine to 1, per step. `images` is the number of training
 * images.
 * @throws ShapeError if sizes do not fit together.
 */
export const byolExperiment = (config: ByolConfig, { images }: { readonly images: number }): Experiment => {
  const { parts, durations, schedules } = runParts(config, images);
  return experiment({
    ...parts,
    method: byol({ ...config.heads, ...config.views, targetStart: config.targetStart }),
    schedules: {
      ...schedules,
      momentum: cosine({ from: config.momentum, to: 1, steps: durations.steps }),
    },
  });
};
