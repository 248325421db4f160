import { type Encoder, evaluate, type HostArray, hostArray, rngOf, type Scalar, type Tensor, type Tree } from "@twinview/core";
import { onnxEngine, type Program } from "@twinview/engine";
import type { TrainingState, TrainingStep } from "@twinview/methods";
import { resnet, sizes } from "@twinview/resnet";
import { vit } from "@twinview/vit";
import { stepMakers } from "./our-methods.ts";
import type { StepConfig } from "./step-flops.ts";
import { batchesOfBytes, scheduled } from "./step-inputs.ts";

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
  readonly threads: number;
  /** How many images pass through the encoder together; the library's own choice when absent. */
  readonly chunk?: number;
  readonly spinning?: boolean;
}

const encoderOf = (config: StepConfig): Encoder => {
  if ("resnet" in config) return resnet({ size: sizes[config.resnet], stem: "small" }) as unknown as Encoder;
  const { dim, depth, heads, patch, size } = config;
  return vit({ size: { name: "bench", dim, depth, heads }, patch, image: size }) as unknown as Encoder;
};

/** The step of a case as a program: bytes of both views and scalars in, the new state, loss and monitors out. */
export const stepProgramOf = (config: StepConfig, chunk?: number): { readonly program: Program; readonly step: TrainingStep<string> } => {
  const step = stepMakers[config.method](config, encoderOf(config), chunk);
  const { batch, size } = config;
  const view = { shape: [batch, size, size, 3], dtype: "uint8" } as const;
  const scalars = step.hyper.map((name) => [name, { shape: [], dtype: "float32" } as const] as const);
  const program: Program = {
    inputs: { view0: view, view1: view, ...Object.fromEntries(scalars) },
    run: ({ state, inputs }) => {
      const views = [inputs.view0 as Tensor, inputs.view1 as Tensor];
      const hyper = inputs as Readonly<Record<string, Scalar>>;
      const after = step.step({ state: state as unknown as TrainingState, views, hyper });
      return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
    },
  };
  return { program, step };
};

/** What the recipes choose for 65 tokens. */
const recipeChunk = 32;

/**
 * Our side of the step cases: a method's whole step as the training loop runs it, with every monitor the loop reads.
 * Views are bytes and cross into the computing process with every step, as in a run.
 */
export const openStep = async (config: StepConfig, { threads, chunk = recipeChunk, spinning }: StepTuning): Promise<OpenStep> => {
  const { program, step } = stepProgramOf(config, chunk);
  const state = evaluate(() => step.init(rngOf(0)) as unknown as Tree<Tensor>);
  const engine = onnxEngine(spinning === undefined ? {} : { spinning });
  const session = await engine.open({ state, programs: { step: program }, threads });
  const batches = batchesOfBytes(config);
  let done = 0;
  let peak = 0;
  const run = async (count: number): Promise<number> => {
    let loss = Number.NaN;
    for (let i = 0; i < count; i++, done++) {
      const views = batches[done % batches.length] as readonly HostArray[];
      const values = scheduled(done);
      const hyper = Object.fromEntries(step.hyper.map((name) => [name, hostArray([values[name as keyof typeof values]], [])]));
      const result = await session.run("step", { view0: views[0] as HostArray, view1: views[1] as HostArray, ...hyper });
      if (!result.committed) throw new Error(`step ${done}: a loss or a gradient is not finite`);
      loss = result.outputs.loss?.data[0] as number;
      peak = result.peakRssBytes;
    }
    return loss;
  };
  return { run, close: session.close, peakRssBytes: () => peak };
};
