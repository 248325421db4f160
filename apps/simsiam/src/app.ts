import { closed, positiveInt } from "@twinview/config";
import { durationsOf, encoderOf, miniResnet, miniVit, optimizerOf, type RecipeConfig, rateOf, recipeApp } from "@twinview/recipes";
import { type App, type Experiment, experiment } from "@twinview/train";
import { simsiam } from "./simsiam.ts";

const fields = { heads: closed("heads", { width: positiveInt, bottleneck: positiveInt }) } as const;

const simsiamExperiment = (config: RecipeConfig<typeof fields>, { images }: { readonly images: number }): Experiment => {
  const durations = durationsOf(config, images);
  const { seed, image, batch, chunk } = config;
  return experiment({
    encoder: encoderOf(config.backbone, image),
    method: simsiam({ ...config.heads, ...config.views }),
    optimizer: optimizerOf(config.optimizer),
    schedules: { lr: rateOf(config, durations), wd: () => config.optimizer.weightDecay },
    seed,
    image,
    batch,
    steps: durations.steps,
    chunk,
  });
};

/** For two cores and tens of minutes. */
const mini = {
  views: { smallestCrop: 0.2, blur: 0 },
  optimizer: { kind: "adamw", baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 1 },
  passes: 2 * 3,
  own: () => ({ heads: { width: 512, bottleneck: 128 } }),
} as const;
/** SimSiam as an application of the twinview command. */
export const simsiamApp: App = recipeApp({
  method: "simsiam",
  summary: "SimSiam: predict the other view's embedding, with neither negatives nor a moving average",
  fields,
  presets: { mini: { vit: { ...mini, backbone: miniVit }, resnet: { ...mini, backbone: miniResnet } } },
  experiment: simsiamExperiment,
});
