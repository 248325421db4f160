import type { HostArray, Tensor, Tree } from "@twinview/core";
import type { InputSpec, Program } from "@twinview/engine";
import type { TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";
import { hyperArrays, hyperOf, hyperSpecs, scalarsOf, viewArrays, viewSpecs, viewsOf } from "./programs.ts";
import type { StepRunner } from "./step-runner.ts";

type Named<T> = Readonly<Record<string, T>>;

/** Steps whose loss reads more than views and scalars: the targets of labelled images. */
export interface GivenOptions {
  /** The experiment, for the shapes of its views and the names of its schedules. */
  readonly experiment: Experiment;
  readonly given: Named<InputSpec>;
  /** The experiment whose loss reads the given tensors; called once, while the step is traced. */
  readonly reading: (given: Named<Tensor>) => Experiment;
  /** The arrays of the step that runs next. */
  readonly next: () => Named<HostArray>;
}

/** Steps of one program, the whole batch at once, that are given more than views and scalars. */
export const givenRunner = ({ experiment, given, reading, next }: GivenOptions): StepRunner => {
  const step: Program = {
    inputs: { ...viewSpecs(experiment, experiment.batch), ...hyperSpecs(experiment), ...given },
    run: ({ state, inputs }) => {
      const tensors = Object.fromEntries(Object.keys(given).map((name) => [name, inputs[name] as Tensor]));
      const at = { state: state as unknown as TrainingState, views: viewsOf(experiment, inputs), hyper: hyperOf(experiment, inputs) };
      const after = reading(tensors).step.step(at);
      return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
    },
  };
  return {
    programs: { step },
    scratch: null,
    compact: false,
    runs: { step: 1 },
    run: async (session, { views, hyper }) => {
      const arrays = { ...viewArrays(experiment, views, 0, experiment.batch), ...hyperArrays(hyper), ...next() };
      const result = await session.run("step", arrays);
      const { committed, seconds, peakRssBytes } = result;
      return { committed, scalars: scalarsOf(result), seconds, peakRssBytes };
    },
  };
};
