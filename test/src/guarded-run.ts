import { readFileSync } from "node:fs";
import { type UserError, unwrap, userErrorOf } from "@twinview/config";
import { toShared } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { mocoV3App } from "@twinview/moco-v3";
import { type PlannedRun, type Replay, type RunEvent, type RunOptions, type RunOutcome, train } from "@twinview/train";
import { expect } from "vitest";
import { twinview } from "./command.ts";
import { planSmall } from "./small-run.ts";

const [count, side] = [64, 16];
/** Sixteen steps in two epochs, a checkpoint every third. */
export const steps = 16;

const pixels = toShared(Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (128 + 100 * Math.sin(i * (1 + (i % 11)))) & 255));
const content = { kind: "resident", pixels, width: side, height: side, channels: 3 } as const;
const source = {
  name: "patterns",
  length: count,
  content,
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  classes: ["a", "b"],
};
const sizes = ["heads.hidden=8", "heads.out=4", "checkpoint.everySteps=3", "knn.everyEpochs=1", "backbone.patch=8"];

/** The run as planned, with a learning rate that is not a number at some steps. */
export const planned = (overrides: readonly string[], spoilt: (step: number) => boolean = () => false): PlannedRun => {
  const run = planSmall(mocoV3App, { batch: 8, epochs: 2 }, [...sizes, ...overrides]);
  const { lr = () => 0 } = run.experiment.schedules;
  const rate = (step: number): number => (spoilt(step) ? Number.NaN : lr(step));
  return { ...run, experiment: { ...run.experiment, schedules: { ...run.experiment.schedules, lr: rate } } };
};

/** Trains in a folder; `onEvent` may throw, as if the process had been killed there. */
export const trainIn = async (
  runDir: string,
  run: PlannedRun,
  options: Partial<Pick<RunOptions, "engine" | "start" | "onEvent" | "shouldStop" | "workers">> = {},
): Promise<{ readonly outcome: RunOutcome; readonly events: readonly RunEvent[] }> => {
  const events: RunEvent[] = [];
  const { engine = onnxEngine({ spinning: false }), onEvent = () => {}, shouldStop = () => false, start, workers = 0 } = options;
  const outcome = await unwrap(
    train({
      run,
      data: { description: "patterns", train: source, test: source },
      runDir,
      engine,
      start,
      threads: 1,
      workers,
      machineGflops: 100,
      notes: [],
      shouldStop,
      onEvent: (event) => {
        events.push(event);
        onEvent(event);
      },
    }),
  );
  return { outcome, events };
};

/** The error that something is refused with. */
export const errorOf = async (running: Promise<unknown>): Promise<UserError> => {
  try {
    await running;
  } catch (thrown) {
    const error = userErrorOf(thrown);
    if (error !== undefined) return error;
    throw thrown;
  }
  throw new Error("nothing was refused");
};

/** A recorded step computed again by the command, which finds the same bits. */
export const replayed = async (path: string): Promise<Replay> => {
  const { code, out, error } = await twinview("replay", path, "--json");
  expect([code, error]).toEqual([0, ""]);
  return JSON.parse(out) as Replay;
};

/** Lines of a file of JSON lines, without what depends on the clock. */
export const linesOf = (path: string): readonly Readonly<Record<string, unknown>>[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { imagesPerSecond: _, waitShare: __, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return rest;
    });
