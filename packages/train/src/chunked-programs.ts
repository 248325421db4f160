import type { Tensor, Tree } from "@twinview/core";
import type { InputSpec, Program } from "@twinview/engine";
import type { StepScratch, TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";
import { hyperOf, hyperSpecs, viewSpecs, viewsOf } from "./programs.ts";

/** Names of inputs and outputs that carry an encoding's features, or the gradients by them. */
export const featureName = (encoding: string): string => `feature/${encoding}`;
export const gradientName = (encoding: string): string => `gradient/${encoding}`;

type Named<T> = Readonly<Record<string, T>>;

const renamed = <T>(values: Named<T>, name: (key: string) => string): Named<T> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]));

const picked = (names: readonly string[], name: (key: string) => string, inputs: Named<Tensor>): Named<Tensor> =>
  Object.fromEntries(names.map((key) => [key, inputs[name(key)] as Tensor]));

const stateOf = (tree: Tree<Tensor>): TrainingState => tree as unknown as TrainingState;
const scratchOf = (tree: Tree<Tensor>): StepScratch => tree as unknown as StepScratch;
const asTree = (value: TrainingState | StepScratch): Tree<Tensor> => value as unknown as Tree<Tensor>;

/** The phases of the step in micro-batches as programs (methods/src/chunked-step.ts), with the encodings' features as inputs and outputs. */
export const chunkedPrograms = (
  experiment: Experiment,
): Readonly<Record<"step/begin" | "step/features" | "step/loss" | "step/backward" | "step/update", Program>> => {
  const { batch, microBatch, encoder } = experiment;
  const { begin, features, loss, backward, update, encodings } = experiment.step.chunked;
  const rows = (names: readonly string[], name: (key: string) => string, images: number): Named<InputSpec> =>
    Object.fromEntries(names.map((key) => [name(key), { shape: [images, encoder.dim], dtype: "float32" }]));
  const hyper = hyperSpecs(experiment);
  const views = viewSpecs(experiment, microBatch);
  const hyperAmong = (inputs: Named<Tensor>) => hyperOf(experiment, inputs);
  return {
    "step/begin": {
      inputs: { zero: { shape: [], dtype: "float32" } },
      run: ({ state, scratch, inputs }) => ({
        scratch: asTree(begin({ state: stateOf(state), scratch: scratchOf(scratch), zero: inputs.zero as Tensor })),
        outputs: {},
      }),
    },
    "step/features": {
      inputs: { ...views, ...hyper },
      run: ({ state, scratch, inputs }) => {
        const at = { state: stateOf(state), scratch: scratchOf(scratch), views: viewsOf(experiment, inputs), hyper: hyperAmong(inputs) };
        const out = features(at);
        return { scratch: asTree(out.scratch), outputs: { ...renamed(out.features, featureName), ...out.metrics } };
      },
    },
    "step/loss": {
      inputs: { ...rows(encodings.all, featureName, batch), ...hyper },
      run: ({ state, scratch, inputs }) => {
        const given = picked(encodings.all, featureName, inputs);
        const out = loss({ state: stateOf(state), scratch: scratchOf(scratch), features: given, hyper: hyperAmong(inputs) });
        return { scratch: asTree(out.scratch), outputs: { ...renamed(out.gradients, gradientName), ...out.metrics } };
      },
    },
    "step/backward": {
      inputs: { ...views, ...rows(encodings.online, gradientName, microBatch), ...hyper },
      run: ({ state, scratch, inputs }) => {
        const gradients = picked(encodings.online, gradientName, inputs);
        const at = { state: stateOf(state), scratch: scratchOf(scratch), views: viewsOf(experiment, inputs) };
        return { scratch: asTree(backward({ ...at, gradients, hyper: hyperAmong(inputs) })), outputs: {} };
      },
    },
    "step/update": {
      inputs: hyper,
      run: ({ state, scratch, inputs }) => {
        const out = update({ state: stateOf(state), scratch: scratchOf(scratch), hyper: hyperAmong(inputs) });
        return { state: asTree(out.state), outputs: out.metrics };
      },
    },
  };
};
