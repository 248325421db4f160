import { fraction, wholeBetween } from "@twinview/config";
import type { Tensor } from "@twinview/core";
import { supervised } from "@twinview/methods";
import { miniResnet, miniSettings, miniVit, type RecipeConfig, recipeApp, runParts } from "@twinview/recipes";
import { type App, type Experiment, experiment, labelled, smoothTargets } from "@twinview/train";

const fields = {
  /** How many classes the labels have. */
  classes: wholeBetween(2, 100_000),
  /** Share of each target that is spread over all classes. */
  smoothing: fraction,
} as const;

const supervisedExperiment = (config: RecipeConfig<typeof fields>, { images }: { readonly images: number }): Experiment => {
  const { classes, smoothing, views } = config;
  const { parts, schedules } = runParts(config, images);
  const compose = (targets?: Tensor): Experiment =>
    experiment({ ...parts, method: supervised({ classes, targets, smallestCrop: views.smallestCrop }), schedules });
  return labelled(compose, { classes, targets: ({ labels }) => smoothTargets(labels, classes, smoothing) });
};

/** For two cores and tens of minutes. */
const mini = {
  ...miniSettings,
  optimizer: { kind: "adamw", baseRate: 4e-3, weightDecay: 0.05, warmupEpochs: 1 },
  passes: 3,
  own: (_: unknown, { classes = 0 }: { readonly classes?: number | undefined }) => ({ classes, smoothing: 0.1 }),
} as const;

/** Training with labels as an application of the twinview command: the baseline of pre-training. */
export const supervisedApp: App = recipeApp({
  method: "supervised",
  summary: "Training with labels, the baseline: softmax cross-entropy of a linear classifier on the features",
  fields,
  labelled: true,
  presets: { mini: { vit: { ...mini, backbone: miniVit }, resnet: { ...mini, backbone: miniResnet } } },
  experiment: supervisedExperiment,
});
