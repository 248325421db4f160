export { simclrApp } from "./app.ts";
export type { SimclrConfig } from "./config.ts";
export { simclrExperiment } from "./experiment.ts";
export { presets } from "./presets.ts";
