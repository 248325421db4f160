import { closed, positiveInt } from "@twinview/config";
import { miniResnet, miniSettings, miniVit, type RecipeConfig, recipeApp, runParts } from "@twinview/recipes";
import { type App, type Experiment, experiment } from "@twinview/train";
import { simsiam } from "./simsiam.ts";

const fields = { heads: closed("heads", { width: positiveInt, bottleneck: positiveInt }) } as const;

const simsiamExperiment = (config: RecipeConfig<typeof fields>, { images }: { readonly images: number }): Experiment => {
  const { parts, schedules } = runParts(config, images);
  return experiment({ ...parts, method: simsiam({ ...config.heads, ...config.views }), schedules });
};

/** For two cores and tens of minutes. */
const mini = {
  ...miniSettings,
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
