export { byolApp } from "./app.ts";
export type { ByolConfig } from "./config.ts";
export { byolExperiment } from "./experiment.ts";
export { presets } from "./presets.ts";
