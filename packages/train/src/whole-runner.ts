import type { Tensor, Tree } from "@twinview/core";
import type { Program } from "@twinview/engine";
import type { TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";
import { hyperArrays, hyperOf, hyperSpecs, scalarsOf, viewArrays, viewSpecs, viewsOf } from "./programs.ts";
import type { StepRunner } from "./step-runner.ts";

/** The training step as a program: bytes of the views, the scheduled scalars and what is given in, state and metrics out. */
export const stepProgram = (experiment: Experiment): Program => ({
  inputs: { ...viewSpecs(experiment, experiment.batch), ...hyperSpecs(experiment), ...experiment.given?.specs },
  run: ({ state, inputs }) => {
    const { step } = experiment.given?.reading(inputs) ?? experiment;
    const at = { state: state as unknown as TrainingState, views: viewsOf(experiment, inputs), hyper: hyperOf(experiment, inputs) };
    const after = step.step(at);
    return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
  },
});

/** Steps of one program: the whole batch at once. */
export const wholeRunner = (experiment: Experiment): StepRunner => ({
  programs: { step: stepProgram(experiment) },
  scratch: null,
  compact: false,
  runs: { step: 1 },
  run: async (session, { views, hyper, given }) => {
    const arrays = { ...viewArrays(experiment, views, 0, experiment.batch), ...hyperArrays(hyper), ...given };
    const result = await session.run("step", arrays);
    const { committed, seconds, peakRssBytes } = result;
    return { committed, scalars: scalarsOf(result), seconds, peakRssBytes };
  },
});
