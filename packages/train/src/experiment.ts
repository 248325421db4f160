import type { ViewOptions } from "@twinview/augment";
import { checkOption, type Encoder, type HostArray, type Tensor } from "@twinview/core";
import type { InputSpec } from "@twinview/engine";
import { type Encodings, type Heads, type Method, type NeedsTarget, type TrainingStep, trainingStep } from "@twinview/methods";
import type { Schedule, Transform } from "@twinview/optim";

/**
 * What is trained, as one value. `schedules` asks for exactly the scalars that the method, the optimizer and the moving average
 * read: a missing or misspelt one does not compile.
 */
export interface ExperimentOptions<
  P,
  S,
  Hs extends Heads,
  E extends Encodings,
  T extends keyof Hs,
  C,
  H extends string,
  O,
  HO extends string,
> {
  readonly encoder: Encoder<P, S>;
  readonly method: Method<Hs, E, T, C, H>;
  readonly optimizer: Transform<O, HO>;
  readonly schedules: { readonly [K in H | HO | NeedsTarget<E>]: Schedule };
  readonly seed: number;
  /** Side of the views and of evaluation images, in pixels. */
  readonly image: number;
  readonly batch: number;
  /** Length of the run. */
  readonly steps: number;
  /** How many images pass through the encoder together; a matter of speed only. */
  readonly chunk?: number;
  /**
   * How many images' activations are in memory at once: a divisor of the batch. The step then runs in phases over micro-batches, equal
   * to the whole one to rounding, except that an encoder with batch norm normalises each micro-batch by itself. The whole batch when
   * absent.
   */
  readonly microBatch?: number;
  /** Whether steps compute monitors beside their loss; on when absent. */
  readonly monitors?: boolean;
}

/** A batch with the classes of its images; its pixels may be changed. */
export interface LabelledBatch {
  readonly step: number;
  readonly views: readonly Uint8Array[];
  readonly labels: Int32Array;
}

/** What a step reads beside views and scalars: the targets of labelled images. */
export interface Given {
  readonly specs: Readonly<Record<string, InputSpec>>;
  /** The experiment whose loss reads the given tensors; called while the step is traced. */
  readonly reading: (given: Readonly<Record<string, Tensor>>) => Experiment;
  /** What a step is given for a batch. */
  readonly of: (batch: LabelledBatch) => Readonly<Record<string, HostArray>>;
}

/** An experiment whose parts have been composed: what the loop runs. */
export interface Experiment {
  readonly method: string;
  readonly encoder: Encoder;
  readonly step: TrainingStep<string>;
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly views: readonly ViewOptions[];
  readonly hasTarget: boolean;
  readonly seed: number;
  readonly image: number;
  readonly batch: number;
  /** Images whose activations are in memory at once; the batch where the step runs at once. */
  readonly microBatch: number;
  readonly steps: number;
  /** What its steps read beside views and scalars; nothing when absent. */
  readonly given?: Given;
}

/**
 * Composes an experiment.
 * @throws ShapeError if the micro-batch does not divide the batch.
 */
export const experiment = <P, S, Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string, O, HO extends string>(
  options: ExperimentOptions<P, S, Hs, E, T, C, H, O, HO>,
): Experiment => {
  const { encoder, method, optimizer, chunk, monitors = true, schedules, seed, image, batch, steps } = options;
  const { microBatch = batch } = options;
  checkOption("experiment", "microBatch", microBatch, batch % microBatch === 0, `a divisor of the batch, ${batch}`);
  const step = trainingStep({ encoder, method, optimizer, monitors, ...(chunk === undefined ? {} : { chunk }) });
  return {
    method: method.name,
    encoder: encoder as unknown as Encoder,
    step: step as unknown as TrainingStep<string>,
    schedules,
    views: method.views(image),
    hasTarget: Object.values(method.encodings).some((encoding) => encoding.encoder === "target"),
    seed,
    image,
    batch,
    microBatch,
    steps,
  };
};
