import type { Encoder, HostArray } from "@twinview/core";
import { type Engine, onnxEngine, tensorflowEngine } from "@twinview/engine";
import { resnet, sizes } from "@twinview/resnet";
import { type Experiment, initialState, runnerOf } from "@twinview/train";
import { vit } from "@twinview/vit";
import { type Cut, experimentMakers } from "./our-methods.ts";
import type { StepConfig } from "./step-flops.ts";
import { batchesOfBytes } from "./step-inputs.ts";

/** A training step of ours, open and ready to run; the work is done by a further process. */
export interface OpenStep {
  /** Runs `count` whole steps, each on another batch of bytes, and resolves to the last loss when the last one is done. */
  readonly run: (count: number) => Promise<number>;
  readonly close: () => Promise<void>;
  /** The computing process's largest resident size in bytes. */
  readonly peakRssBytes: () => number;
}

/** How the engine is asked to run a step case. */
export interface StepTuning {
  /** What computes; the onnx engine when absent. */
  readonly engine?: "tensorflow";
  readonly threads: number;
  /** How many images pass through the encoder together; the library's own choice when absent. */
  readonly chunk?: number;
  readonly spinning?: boolean;
  /** Images whose activations are in memory at once; the whole batch when absent. */
  readonly microBatch?: number;
}

const encoderOf = (config: StepConfig): Encoder => {
  if ("resnet" in config) return resnet({ size: sizes[config.resnet], stem: "small" }) as unknown as Encoder;
  const { dim, depth, heads, patch, size } = config;
  return vit({ size: { name: "bench", dim, depth, heads }, patch, image: size }) as unknown as Encoder;
};

/** What the recipes choose for 65 tokens. */
const recipeChunk = 32;

/** A case as an experiment. */
export const experimentOf = (config: StepConfig, cut: Cut): Experiment =>
  experimentMakers[config.method](config, encoderOf(config), { chunk: recipeChunk, ...cut });

/**
 * Our side of the step cases: a method's whole step as the training loop runs it, with every monitor the loop reads.
 * Views are bytes and cross into the computing process with every step, as in a run.
 */
export const openStep = async (config: StepConfig, { engine: name, threads, spinning, ...cut }: StepTuning): Promise<OpenStep> => {
  const experiment = experimentOf(config, cut);
  const { scratch, programs, compact, run: runStep } = runnerOf(experiment);
  const engine: Engine = name === "tensorflow" ? tensorflowEngine() : onnxEngine(spinning === undefined ? {} : { spinning });
  const session = await engine.open({ state: initialState(experiment), scratch, programs, compact, threads });
  const batches = batchesOfBytes(config);
  let done = 0;
  let peak = 0;
  const run = async (count: number): Promise<number> => {
    let loss = Number.NaN;
    for (let i = 0; i < count; i++, done++) {
      const views = (batches[done % batches.length] as readonly HostArray[]).map(({ data }) => data as Uint8Array);
      const hyper = Object.fromEntries(Object.entries(experiment.schedules).map(([name, schedule]) => [name, schedule(done)]));
      const result = await runStep(session, { views, hyper });
      if (!result?.committed) throw new Error(`step ${done}: a loss or a gradient is not finite`);
      loss = result.scalars.loss as number;
      peak = result.peakRssBytes;
    }
    return loss;
  };
  return { run, close: session.close, peakRssBytes: () => peak };
};
