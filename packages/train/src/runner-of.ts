import { chunkedRunner } from "./chunked-runner.ts";
import type { Experiment } from "./experiment.ts";
import type { StepRunner } from "./step-runner.ts";
import { wholeRunner } from "./whole-runner.ts";

/** How the steps of an experiment run: at once, or in micro-batches where it asks for them. */
export const runnerOf = (experiment: Experiment): StepRunner =>
  experiment.microBatch === experiment.batch ? wholeRunner(experiment) : chunkedRunner(experiment);
