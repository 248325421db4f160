export {
  type BackboneConfig,
  backboneCodec,
  backboneName,
  backbones,
  encoderOf,
  type Family,
  familyOf,
  forwardFlops,
  type ResnetConfig,
  type VitConfig,
} from "./backbone.ts";
export { type CommonPreset, chooseCommon, roundedEpochs } from "./choose.ts";
export { type CommonConfig, commonFields, commonOptions, viewSide } from "./common.ts";
export { type Durations, durationsOf, rateOf } from "./durations.ts";
export { type ForeignBackbone, foreignBackbone } from "./foreign-backbone.ts";
export { type Optimizer, type OptimizerConfig, optimizerCodec, optimizerOf } from "./optimizer.ts";
export { type OwnConfig, type Preset, type RecipeConfig, type RecipeOptions, recipeApp, recipeCodec } from "./recipe-app.ts";
export { type RunParts, runParts } from "./run-parts.ts";
export { miniResnet, miniVit, paperResnet, paperVit } from "./standard-backbones.ts";
export { miniSettings, paperVitSettings } from "./standard-settings.ts";
