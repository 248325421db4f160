export { swavApp } from "./app.ts";
export type { SwavConfig } from "./config.ts";
export { swavExperiment } from "./experiment.ts";
export { presets } from "./presets.ts";
