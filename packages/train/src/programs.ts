import type { Scalar, Tensor, Tree } from "@twinview/core";
import type { InputSpec, Program } from "@twinview/engine";
import { features, type TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";

/** Images that pass through the encoder together in evaluation. */
export const evalBatch = 250;

const scalar: InputSpec = { shape: [], dtype: "float32" };

/** The names of the inputs of the training program: one batch of bytes a view, one scalar a schedule. */
export const viewInput = (view: number): string => `view${view}`;

/** The training step as a program: bytes of the views and the scheduled scalars in, state and metrics out. */
export const stepProgram = ({ step, views, schedules, batch }: Experiment): Program => ({
  inputs: {
    ...Object.fromEntries(
      views.map(({ size }, i): [string, InputSpec] => [viewInput(i), { shape: [batch, size, size, 3], dtype: "uint8" }]),
    ),
    ...Object.fromEntries(Object.keys(schedules).map((name) => [name, scalar])),
  },
  run: ({ state, inputs }) => {
    const hyper = Object.fromEntries(Object.keys(schedules).map((name) => [name, inputs[name] as Scalar]));
    const images = views.map((_, i) => inputs[viewInput(i)] as Tensor);
    const after = step.step({ state: state as unknown as TrainingState, views: images, hyper });
    return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
  },
});

/** Features of clean images by one of the two encoders, as a program over the training state. */
export const featuresProgram = ({ encoder, image }: Experiment, which: "online" | "target", batch: number): Program => ({
  inputs: { images: { shape: [batch, image, image, 3], dtype: "uint8" } },
  run: ({ state, inputs }) => {
    const { [which]: network, statistics } = state as unknown as TrainingState;
    if (network === null) throw new Error(`featuresProgram: there is no ${which} encoder`);
    return { outputs: { features: features(encoder, { params: network.encoder, state: statistics[which] }, inputs.images as Tensor) } };
  },
});
