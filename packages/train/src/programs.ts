import { type HostArray, hostArray, type Scalar, type Tensor } from "@twinview/core";
import type { InputSpec, Program, RunResult } from "@twinview/engine";
import { features, type TrainingState } from "@twinview/methods";
import type { Experiment } from "./experiment.ts";

/** Images that pass through the encoder together in evaluation. */
export const evalBatch = 250;

const scalar: InputSpec = { shape: [], dtype: "float32" };

/** The names of the inputs of a training program: one batch of bytes a view, one scalar a schedule. */
export const viewInput = (view: number): string => `view${view}`;

type Inputs<T> = Readonly<Record<string, T>>;

/** Inputs of a program over `images` images: their views. */
export const viewSpecs = ({ views }: Experiment, images: number): Inputs<InputSpec> =>
  Object.fromEntries(views.map(({ size }, i): [string, InputSpec] => [viewInput(i), { shape: [images, size, size, 3], dtype: "uint8" }]));

/** Inputs of a program that reads the scheduled scalars. */
export const hyperSpecs = ({ schedules }: Experiment): Inputs<InputSpec> =>
  Object.fromEntries(Object.keys(schedules).map((name) => [name, scalar]));

/** The views among a program's inputs, as the step's functions take them. */
export const viewsOf = ({ views }: Experiment, inputs: Inputs<Tensor>): readonly Tensor[] =>
  views.map((_, i) => inputs[viewInput(i)] as Tensor);

/** The scheduled scalars among a program's inputs. */
export const hyperOf = ({ schedules }: Experiment, inputs: Inputs<Tensor>): Inputs<Scalar> =>
  Object.fromEntries(Object.keys(schedules).map((name) => [name, inputs[name] as Scalar]));

/** Views `[start, start + images)` of a batch, as inputs. */
export const viewArrays = ({ views }: Experiment, data: readonly Uint8Array[], start: number, images: number): Inputs<HostArray> =>
  Object.fromEntries(
    views.map(({ size }, i): [string, HostArray] => {
      const pixels = size * size * 3;
      const part = (data[i] as Uint8Array).subarray(start * pixels, (start + images) * pixels);
      return [viewInput(i), { shape: [images, size, size, 3], dtype: "uint8", data: part }];
    }),
  );

/** Scheduled scalars as inputs. */
export const hyperArrays = (hyper: Inputs<number>): Inputs<HostArray> =>
  Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, hostArray([value], [])]));

/** The scalars among a run's outputs as numbers. */
export const scalarsOf = ({ outputs }: RunResult): Inputs<number> =>
  Object.fromEntries(Object.entries(outputs).flatMap(([name, { shape, data }]) => (shape.length === 0 ? [[name, data[0] as number]] : [])));

/** Features of clean images by one of the two encoders, as a program over the training state. */
export const featuresProgram = ({ encoder, image }: Experiment, which: "online" | "target", batch: number): Program => ({
  inputs: { images: { shape: [batch, image, image, 3], dtype: "uint8" } },
  run: ({ state, inputs }) => {
    const { [which]: network, statistics } = state as unknown as TrainingState;
    if (network === null) throw new Error(`featuresProgram: there is no ${which} encoder`);
    return { outputs: { features: features(encoder, { params: network.encoder, state: statistics[which] }, inputs.images as Tensor) } };
  },
});
