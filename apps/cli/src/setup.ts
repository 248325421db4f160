import { mkdir } from "node:fs/promises";
import { freemem } from "node:os";
import { readWeightFile, startOf } from "@twinview/assess";
import { failure, orThrow, unwrap, userError } from "@twinview/config";
import { type Detected, detect } from "@twinview/data";
import { type Engine, onnxEngine } from "@twinview/engine";
import {
  type App,
  type Experiment,
  measureGflops,
  measureStep,
  type OnNonFinite,
  type PlannedRun,
  planOf,
  recordedEnvironment,
  type StartWeights,
  surroundingsOf,
  type Wishes,
} from "@twinview/train";
import { type EngineFlags, engineOf } from "./engines.ts";
import { allowance, fitInto, mixedWarning } from "./fit.ts";

/** The flags that say what to train. */
export interface ExperimentFlags {
  readonly data: string;
  readonly preset: string | undefined;
  readonly backbone: string | undefined;
  readonly epochs: number | undefined;
  readonly minutes: number | undefined;
  readonly share: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number | undefined;
  readonly freezePatch: boolean;
  readonly onNonFinite: OnNonFinite | undefined;
  readonly initFrom: string | undefined;
  /** What the computing process may take; the run is cut to fit. */
  readonly memory?: string | undefined;
  readonly set: readonly string[];
}

/** A run that is ready to start. */
export interface Prepared {
  readonly run: PlannedRun;
  readonly reasons: readonly string[];
  readonly data: Detected;
  readonly engine: Engine;
  readonly machineGflops: number;
  readonly imagesPerSecond: number | undefined;
  /** What the encoder starts from, where that is not its own initial values. */
  readonly start: (() => Promise<StartWeights>) | undefined;
}

/** Speeds of a machine: of matrix products, and of a run's step where it was measured. */
export interface Speeds {
  readonly machineGflops?: number | undefined;
  readonly imagesPerSecond?: number | undefined;
  /** The length of a comparison's runs, which follows from the speeds of all of them. */
  readonly epochs?: number | undefined;
}

/** The speeds in a run's env.json, as far as there are any. */
export const recordedSpeeds = async (runDir: string): Promise<Speeds> => {
  const env = await recordedEnvironment(runDir);
  const speed = (value: unknown): number | undefined => (typeof value === "number" && value > 0 ? value : undefined);
  return { machineGflops: speed(env.machineGflops), imagesPerSecond: speed(env.imagesPerSecond), epochs: speed(env.epochs) };
};

/** The speed of a run's step, timed, where that takes seconds, not minutes, and fits the memory. */
export const timedStep = async (
  engine: Engine,
  experiment: Experiment,
  { machineGflops, threads }: { readonly machineGflops: number; readonly threads?: number | undefined },
): Promise<number | undefined> => {
  const { plan } = planOf(experiment, machineGflops);
  return plan.onceSeconds < 5 && plan.memoryBytes < freemem() / 2 ? measureStep(engine, experiment, threads) : undefined;
};

/** Finds the data, measures the machine, and fills in the configuration. */
export const prepare = async (
  app: App,
  flags: ExperimentFlags,
  {
    engine: engineName,
    device,
    threads,
    runDir,
    overrides = [],
    measure = false,
  }: EngineFlags & {
    readonly threads?: number | undefined;
    readonly runDir?: string;
    /** Applied after those of the flags. */
    readonly overrides?: readonly string[];
    /** Whether to time the step itself, a few seconds, before the length of the run is chosen. */
    readonly measure?: boolean;
  },
): Promise<Prepared> => {
  const allowed = flags.memory === undefined ? undefined : allowance(flags.memory);
  const engine = await engineOf({ engine: engineName, device });
  const data = await unwrap(detect(flags.data));
  // a run that goes on keeps the speeds it was set up with, so that the same command chooses the same configuration
  const recorded: Speeds = runDir === undefined ? {} : await recordedSpeeds(runDir);
  const machineGflops = recorded.machineGflops ?? (await measureGflops(engineName === "reference" ? onnxEngine() : engine, threads));
  const around = await surroundingsOf(data, machineGflops);
  const weights = flags.initFrom === undefined ? undefined : await readWeightFile(flags.initFrom);
  const initFrom = weights === undefined ? undefined : { file: weights.file, sha256: weights.sha256 };
  const wishes = { ...flags, initFrom, freezePatch: flags.freezePatch ? true : undefined };
  const plan = (imagesPerSecond?: number, microBatch?: Wishes["microBatch"]) =>
    orThrow(app.plan({ ...wishes, microBatch }, { ...around, imagesPerSecond }, [...flags.set, ...overrides]));
  const asked = plan();
  const cutByHand = flags.set.some((text) => text.startsWith("microBatch="));
  const fit = allowed === undefined || cutByHand ? undefined : fitInto(allowed, asked.run.experiment);
  const first = fit === undefined ? asked : plan(undefined, fit);
  const { experiment } = first.run;
  await startOf(first.run)?.(); // weights that do not fit are refused now, before anything is written
  const wanted = measure && flags.epochs === undefined && engineName !== "reference";
  const imagesPerSecond = wanted
    ? (recorded.imagesPerSecond ?? (await timedStep(engine, experiment, { machineGflops, threads })))
    : undefined;
  const { run, reasons } = imagesPerSecond === undefined ? first : plan(imagesPerSecond, fit);
  return {
    run,
    reasons: [data.description, ...reasons, ...mixedWarning(run.experiment)],
    data,
    engine,
    machineGflops,
    imagesPerSecond,
    start: startOf(run),
  };
};

/** The folder of a run, made; an error when it cannot be. */
export const runFolder = async (path: string): Promise<string> => {
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    throw failure(
      userError("file", "cannot make the run's folder", {
        where: path,
        got: (error as Error).message,
        fix: "choose another folder with --out",
      }),
    );
  }
};
