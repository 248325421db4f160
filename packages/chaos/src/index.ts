export { type Ended, type Running, type StartOptions, start, type Told } from "./command.ts";
export { computeKilled } from "./compute-killed.ts";
export { damaged } from "./damaged.ts";
export { type Ground, openGround } from "./ground.ts";
export { killed } from "./killed.ts";
export { loaderDeaths } from "./loader-deaths.ts";
export { powerCut } from "./power-cut.ts";
export { stopped } from "./stopped.ts";
export { type Finding, type Tried, type Trial, tryOut } from "./trial.ts";
