export { mocoV3App } from "./app.ts";
export { configCodec, type MocoV3Config } from "./config.ts";
export { mocoV3Experiment } from "./experiment.ts";
export { type Preset, presets } from "./presets.ts";
export { resolve } from "./resolve.ts";
