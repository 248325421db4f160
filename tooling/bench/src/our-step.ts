import { type Encoder, evaluate, type HostArray, hostArray, rngOf, type Tensor, type Tree } from "@twinview/core";
import { onnxEngine, type Program } from "@twinview/engine";
import { mocoV3, type TrainingState, trainingStep } from "@twinview/methods";
import { adamw } from "@twinview/optim";
import { resnet, sizes } from "@twinview/resnet";
import { vit } from "@twinview/vit";
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

const mocoStep = (config: StepConfig, chunk: number | undefined) => {
  const { hidden, out } = config;
  const encoder = encoderOf(config);
  return trainingStep({ encoder, method: mocoV3({ hidden, out }), optimizer: adamw(), ...(chunk === undefined ? {} : { chunk }) });
};

/** The step of a case as a program: bytes of both views and three scalars in, the new state, loss and monitors out. */
export const stepProgramOf = (
  config: StepConfig,
  chunk?: number,
): { readonly program: Program; readonly step: ReturnType<typeof mocoStep> } => {
  const step = mocoStep(config, chunk);
  const { batch, size } = config;
  const view = { shape: [batch, size, size, 3], dtype: "uint8" } as const;
  const scalar = { shape: [], dtype: "float32" } as const;
  const program: Program = {
    inputs: { view0: view, view1: view, lr: scalar, wd: scalar, momentum: scalar },
    run: ({ state, inputs }) => {
      const { lr, wd, momentum, view0, view1 } = inputs as Record<"lr" | "wd" | "momentum" | "view0" | "view1", Tensor>;
      const after = step.step({ state: state as unknown as TrainingState, views: [view0, view1], hyper: { lr, wd, momentum } });
      return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
    },
  };
  return { program, step };
};

/** What the recipes choose for 65 tokens. */
const recipeChunk = 32;

/**
 * Our side of the step cases: MoCo v3's whole step as the training loop runs it, with every monitor the loop reads.
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
      const hyper = Object.fromEntries(Object.entries(scheduled(done)).map(([name, value]) => [name, hostArray([value], [])]));
      const result = await session.run("step", { view0: views[0] as HostArray, view1: views[1] as HostArray, ...hyper });
      if (!result.committed) throw new Error(`step ${done}: a loss or a gradient is not finite`);
      loss = result.outputs.loss?.data[0] as number;
      peak = result.peakRssBytes;
    }
    return loss;
  };
  return { run, close: session.close, peakRssBytes: () => peak };
};
