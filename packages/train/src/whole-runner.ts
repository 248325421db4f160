import type { HostArray, Tensor, Tree } from "@twinview/core";
import type { InputSpec, Program } from "@twinview/engine";
import type { TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";
import { hyperArrays, hyperOf, hyperSpecs, scalarsOf, viewArrays, viewSpecs, viewsOf } from "./programs.ts";
import type { StepRunner } from "./step-runner.ts";

type Named<T> = Readonly<Record<string, T>>;

/** What a step reads beside views and scalars: the targets of labelled images. */
export interface Given {
  readonly specs: Named<InputSpec>;
  /** The experiment whose loss reads the given tensors; called once, while the step is traced. */
  readonly reading: (given: Named<Tensor>) => Experiment;
  /** The arrays of the step that runs next. */
  readonly next: () => Named<HostArray>;
}

/** The training step as a program: bytes of the views, the scheduled scalars and what is given in, state and metrics out. */
export const stepProgram = (experiment: Experiment, given?: Given): Program => ({
  inputs: { ...viewSpecs(experiment, experiment.batch), ...hyperSpecs(experiment), ...given?.specs },
  run: ({ state, inputs }) => {
    const { step } = given === undefined ? experiment : given.reading(inputs);
    const at = { state: state as unknown as TrainingState, views: viewsOf(experiment, inputs), hyper: hyperOf(experiment, inputs) };
    const after = step.step(at);
    return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
  },
});

/** Steps of one program: the whole batch at once. */
export const wholeRunner = (experiment: Experiment, given?: Given): StepRunner => ({
  programs: { step: stepProgram(experiment, given) },
  scratch: null,
  compact: false,
  runs: { step: 1 },
  run: async (session, { views, hyper }) => {
    const arrays = { ...viewArrays(experiment, views, 0, experiment.batch), ...hyperArrays(hyper), ...given?.next() };
    const result = await session.run("step", arrays);
    const { committed, seconds, peakRssBytes } = result;
    return { committed, scalars: scalarsOf(result), seconds, peakRssBytes };
  },
});
