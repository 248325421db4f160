import { checkOption, evaluate, type HostArray, hostArray, rngOf, type Tensor, type Tree } from "@twinview/core";
import type { RunResult, Session } from "@twinview/engine";
import { chunkedPrograms, featureName, gradientName } from "./chunked-programs.ts";
import type { Experiment } from "./experiment.ts";
import { hyperArrays, scalarsOf, viewArrays } from "./programs.ts";
import type { StepFeed, StepRun, StepRunner } from "./step-runner.ts";

type Phase = keyof ReturnType<typeof chunkedPrograms>;
type Arrays = Readonly<Record<string, HostArray>>;

/** Adds up what the runs of one step take and give. */
const account = (session: Session) => {
  let [seconds, peakRssBytes] = [0, 0];
  let scalars: StepRun["scalars"] = {};
  return {
    run: async (phase: Phase, inputs: Arrays): Promise<RunResult> => {
      const result = await session.run(phase, inputs);
      seconds += result.seconds;
      peakRssBytes = Math.max(peakRssBytes, result.peakRssBytes);
      // of the micro-batches the first one's numbers stand, or those that are not finite
      scalars = result.committed ? { ...scalarsOf(result), ...scalars } : { ...scalars, ...scalarsOf(result) };
      return result;
    },
    so: (committed: boolean): StepRun => ({ committed, scalars, seconds, peakRssBytes }),
  };
};

/** Rows `[start, start + count)` of a matrix. */
const rowsOf = ({ shape, data }: HostArray, start: number, count: number): HostArray => {
  const width = shape[1] as number;
  return hostArray((data as Float32Array).subarray(start * width, (start + count) * width), [count, width]);
};

/**
 * Steps in micro-batches: features of each, the loss of all, the encoder's backward pass of each, one update. Features and their
 * gradients, a few megabytes, pass through this process; parameters, gradients and optimizer stay in the engine.
 * @throws ShapeError if the micro-batch does not divide the batch.
 */
export const chunkedRunner = (experiment: Experiment): StepRunner => {
  const { batch, microBatch, encoder, step } = experiment;
  checkOption("chunkedRunner", "microBatch", microBatch, batch % microBatch === 0, `a divisor of the batch, ${batch}`);
  const { all, online } = step.chunked.encodings;
  const starts = Array.from({ length: batch / microBatch }, (_, i) => i * microBatch);
  const run = async (session: Session, { views, hyper, shouldStop = () => false }: StepFeed): Promise<StepRun | undefined> => {
    const scalars = hyperArrays(hyper);
    const runs = account(session);
    await runs.run("step/begin", { zero: hostArray([0], []) });
    const features = new Map(all.map((name) => [name, new Float32Array(batch * encoder.dim)]));
    for (const start of starts) {
      if (shouldStop()) return undefined;
      const { committed, outputs } = await runs.run("step/features", { ...viewArrays(experiment, views, start, microBatch), ...scalars });
      if (!committed) return runs.so(false);
      for (const [name, rows] of features) rows.set(outputs[featureName(name)]?.data as Float32Array, start * encoder.dim);
    }
    const whole = [...features].map(([name, rows]) => [featureName(name), hostArray(rows, [batch, encoder.dim])] as const);
    const loss = await runs.run("step/loss", { ...Object.fromEntries(whole), ...scalars });
    if (!loss.committed) return runs.so(false);
    const gradientRows = (start: number): Arrays =>
      Object.fromEntries(online.map(gradientName).map((name) => [name, rowsOf(loss.outputs[name] as HostArray, start, microBatch)]));
    for (const start of starts) {
      if (shouldStop()) return undefined;
      await runs.run("step/backward", { ...viewArrays(experiment, views, start, microBatch), ...gradientRows(start), ...scalars });
    }
    return runs.so((await runs.run("step/update", scalars)).committed);
  };
  const each = starts.length;
  const counts = { "step/begin": 1, "step/features": each, "step/loss": 1, "step/backward": each, "step/update": 1 };
  return { programs: chunkedPrograms(experiment), scratch: scratchOf(experiment), compact: true, runs: counts, run };
};

const scratchOf = ({ step, seed }: Experiment): StepRunner["scratch"] =>
  step.chunked.scratch(evaluate(() => step.init(rngOf(seed)) as unknown as Tree<Tensor>));
