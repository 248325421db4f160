export { type Experiment, type ExperimentOptions, experiment } from "./experiment.ts";
