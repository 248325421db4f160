import { mocoV3 } from "@twinview/methods";
import { cosine } from "@twinview/optim";
import { runParts } from "@twinview/recipes";
import { type Experiment, experiment } from "@twinview/train";
import type { MocoV3Config } from "./config.ts";

/**
 * MoCo v3 from a configuration: linear warm-up then cosine, momentum by cosine to 1 (or 0 throughout), per step. `images` is the
 * number of training images.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const mocoV3Experiment = (config: MocoV3Config, { images }: { readonly images: number }): Experiment => {
  const { parts, durations, schedules } = runParts(config, images);
  const { heads, views, tau, momentum } = config;
  const projectorLayers = heads.projectorLayers === "2" ? 2 : 3;
  return experiment({
    ...parts,
    method: mocoV3({ ...heads, ...views, projectorLayers, tau }),
    schedules: {
      ...schedules,
      // momentum 0 has no moving average to settle: the paper keeps it at 0
      momentum: momentum === 0 ? () => 0 : cosine({ from: momentum, to: 1, steps: durations.steps }),
    },
  });
};
