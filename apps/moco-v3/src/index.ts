export { mocoV3App } from "./app.ts";
export type { MocoV3Config } from "./config.ts";
export { mocoV3Experiment } from "./experiment.ts";
export { presets } from "./presets.ts";
