export { type App, type AppOptions, defineApp, type PlannedRun, type RunSettings, type Surroundings, type Wishes } from "./app.ts";
export type { RunEvent } from "./events.ts";
export { type Experiment, type ExperimentOptions, experiment } from "./experiment.ts";
export { environment, measureGflops } from "./machine.ts";
export { measureStep } from "./measure-step.ts";
export { initialState, type Plan, planOf } from "./plan.ts";
export { duration, memory, type Progress, progressLine } from "./progress-line.ts";
export { type RunOptions, type RunOutcome, train } from "./run.ts";
