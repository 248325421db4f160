import { mkdir } from "node:fs/promises";
import { cleanLeftovers, type Latest, latestCheckpoint, lockRun } from "@twinview/checkpoint";
import { attempt, failure, type Json, type UserError, unwrap } from "@twinview/config";
import type { HostTree } from "@twinview/core";
import { type Detected, openLoader, shareOf } from "@twinview/data";
import type { Engine, Program, Session } from "@twinview/engine";
import { qualityProgram } from "@twinview/eval";
import { openMetrics, readMetrics, runPaths, type Summary, writeJson } from "@twinview/report";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { PlannedRun } from "./app.ts";
import { environment } from "./environment.ts";
import { qualityCounts } from "./evaluation.ts";
import { openEventLog } from "./event-log.ts";
import type { RunEvent } from "./events.ts";
import type { Experiment } from "./experiment.ts";
import { finishRun } from "./finish.ts";
import { guard } from "./guard.ts";
import { knnSets } from "./image-sets.ts";
import { explainKilled } from "./killed.ts";
import { labelledBatches } from "./labelled.ts";
import { runLoop } from "./loop.ts";
import type { ImageSet, KnnSets } from "./monitor.ts";
import { flopsOfStep, initialState } from "./plan.ts";
import { evalBatch, featuresProgram } from "./programs.ts";
import { batchesPassed, type RunProgress } from "./progress-state.ts";
import { progressIn } from "./roll-back.ts";
import { checkRoom } from "./room.ts";
import { runnerOf } from "./runner-of.ts";
import { storedConfig } from "./same-run.ts";
import { type StartWeights, startFrom } from "./start-from.ts";
import { fromGroups } from "./state-groups.ts";
import type { StepRunner } from "./step-runner.ts";
import { type Tracker, track } from "./tracker.ts";

/** A run as it is asked for. */
export interface RunOptions {
  readonly run: PlannedRun;
  readonly data: Detected;
  readonly runDir: string;
  readonly engine: Engine;
  readonly machineGflops: number;
  /** Speed of the step as measured when the run was set up; kept in env.json, so that the same command sets up the same run. */
  readonly imagesPerSecond?: number | undefined;
  readonly threads?: number | undefined;
  /** What the encoder of a new run starts from; its own initial values when absent. Not asked for when a run goes on. */
  readonly start?: (() => Promise<StartWeights>) | undefined;
  /** Threads that decode and augment. */
  readonly workers?: number | undefined;
  /** Why things were chosen as they were; goes into the report. */
  readonly notes: readonly string[];
  /** Ends the run early after this many steps, as if they were all; for rehearsals. */
  readonly onlySteps?: number | undefined;
  readonly onEvent: (event: RunEvent) => void;
  /** Asked after every step; true saves a checkpoint and ends. */
  readonly shouldStop: () => boolean;
}

/** How a run ended: with its summary, or stopped on request with a checkpoint to resume from. */
export type RunOutcome =
  | { readonly kind: "finished"; readonly summary: Summary; readonly runDir: string }
  | { readonly kind: "stopped"; readonly nextStep: number; readonly runDir: string };

const programsOf = (experiment: Experiment, runner: StepRunner, monitored: ImageSet): Readonly<Record<string, Program>> => ({
  ...runner.programs,
  quality: qualityProgram({
    images: Math.min(qualityCounts.images, monitored.count),
    pairs: Math.min(qualityCounts.pairs, monitored.count),
    width: experiment.encoder.dim,
  }),
  "features/online": featuresProgram(experiment, "online", evalBatch),
});

const resumed = (latest: Latest, like: HostTree): { readonly state: HostTree; readonly progress: RunProgress } | undefined => {
  if (latest.checkpoint === undefined) return undefined;
  return { state: fromGroups(like, latest.checkpoint.groups), progress: progressIn(latest.checkpoint) };
};

/** How far one opening of a run came: to an outcome, or back to a checkpoint from which it is to be opened again. */
type Passage = RunOutcome | { readonly kind: "rolled-back" };

/** Trains from wherever the run stands to its end, until it is asked to stop, or until it goes back to a checkpoint. */
const trainAndEvaluate = async (
  options: RunOptions,
  experiment: Experiment,
  session: Session,
  tracker: Tracker,
  sets: KnnSets,
): Promise<Passage> => {
  const { data, runDir, workers = 1 } = options;
  const source = shareOf(data.train, options.run.share ?? 1, experiment.seed);
  const guarded = guard({ ...options, experiment, session, tracker, images: data.train.length, engine: options.engine.name });
  const loader = openLoader({
    source,
    views: experiment.views,
    batch: experiment.batch,
    seed: experiment.seed,
    startStep: tracker.firstStep + batchesPassed(tracker.progress()),
    workers,
  });
  try {
    const ending = await runLoop({
      experiment,
      session,
      batches: labelledBatches(loader, source, experiment),
      firstStep: tracker.firstStep,
      afterStep: tracker.afterStep,
      skips: guarded.skips,
      shouldStop: options.shouldStop,
    });
    if (ending.kind === "non-finite") {
      const after = await guarded.afterEnd();
      if (after !== "rolled-back") throw failure(after);
      return { kind: "rolled-back" };
    }
    if (ending.kind === "stopped") {
      await tracker.save(ending.nextStep);
      return { kind: "stopped", nextStep: ending.nextStep, runDir };
    }
    await tracker.save(experiment.steps);
    for (const bad of loader.badFiles()) options.onEvent({ kind: "warning", text: `left out ${bad.path}: ${bad.reason}` });
  } finally {
    await loader.close();
  }
  const summary = await finishRun({ ...options, experiment, session, tracker, sets });
  options.onEvent({ kind: "done", summary, runDir });
  return { kind: "finished", summary, runDir };
};

const openAndTrain = async (options: RunOptions): Promise<Passage> => {
  const { run, data, runDir, engine, threads, machineGflops, onEvent } = options;
  const paths = runPaths(runDir);
  const { knn, experiment: whole } = run;
  const experiment = options.onlySteps === undefined ? whole : { ...whole, steps: Math.min(whole.steps, options.onlySteps) };
  const latest = await unwrap(latestCheckpoint(runDir));
  for (const text of latest.warnings) onEvent({ kind: "warning", text });
  const like = initialState(experiment);
  const before = resumed(latest, like);
  if (before !== undefined) onEvent({ kind: "note", text: `resuming at step ${before.progress.nextStep} of ${experiment.steps}` });
  await checkRoom(runDir, like, { isNew: before === undefined, warn: (text) => onEvent({ kind: "warning", text }) });
  if (JSON.stringify(await storedConfig(runDir)) !== JSON.stringify(run.config)) await unwrap(writeJson(paths.config, run.config));
  const described = await writeJson(paths.env, environment(engine.name, machineGflops, options.imagesPerSecond) as Json)();
  if (described._tag === "Left") onEvent({ kind: "warning", text: `${described.left.what}: ${paths.env}` });
  const monitorSets = await knnSets(data, knn, experiment.image, experiment.seed);
  const finalSets = await knnSets(data, { bank: knn.finalBank, queries: knn.finalQueries }, experiment.image, experiment.seed);
  const runner = runnerOf(experiment);
  const session = await engine.open({
    state: before?.state ?? (options.start === undefined ? like : startFrom(like, await options.start())),
    scratch: runner.scratch,
    compact: runner.compact,
    programs: programsOf(experiment, runner, monitorSets.queries),
    threads,
  });
  const records = before === undefined ? [] : await readMetrics(paths.metrics);
  const metrics = openMetrics(paths.metrics, {
    keepThroughStep: before?.progress.nextStep ?? Number.NEGATIVE_INFINITY, // a start anew measures the baselines again, too
    onFailure: (error) => onEvent({ kind: "warning", text: error.what }),
  });
  // what a checkpoint knows of returns to it came after all that was recorded before it
  for (const { from, to, tensors } of before?.progress.rollBacks ?? [])
    if (to === before?.progress.nextStep) metrics.append({ kind: "non-finite", step: to, from, tensors, action: "roll-back" });
  let tracker: Tracker | undefined;
  try {
    tracker = await track({
      ...options,
      experiment,
      session,
      settings: run,
      monitorSets,
      finalSets,
      metrics,
      flopsPerStep: flopsOfStep(experiment),
      before: before?.progress,
      records: records.filter((record) => !("step" in record) || record.step < (before?.progress.nextStep ?? 0)),
    });
    if (before === undefined && run.onNonFinite === "roll-back") await tracker.save(0); // something to go back to
    return await trainAndEvaluate(options, experiment, session, tracker, finalSets);
  } catch (thrown) {
    const { nextStep: step, peakRssBytes } = tracker?.progress() ?? before?.progress ?? { nextStep: 0, peakRssBytes: 0 };
    const killed = explainKilled(thrown, { experiment, step, peakRssBytes, runDir });
    throw killed === undefined ? thrown : failure(killed);
  } finally {
    await metrics.close();
    await session.close();
  }
};

const untilOutcome = async (options: RunOptions): Promise<RunOutcome> => {
  for (;;) {
    const passage = await openAndTrain(options);
    if (passage.kind !== "rolled-back") return passage;
  }
};

/** Runs with every event that matters written to events.jsonl beside being told. */
const logged = async (options: RunOptions, run: (options: RunOptions) => Promise<RunOutcome>): Promise<RunOutcome> => {
  const log = openEventLog(runPaths(options.runDir).events, (text) => options.onEvent({ kind: "warning", text }));
  const onEvent = (event: RunEvent): void => {
    log.write(event);
    options.onEvent(event);
  };
  try {
    return await run({ ...options, onEvent });
  } finally {
    await log.close();
  }
};

/**
 * Runs an experiment in a folder: from the start, or from the newest good checkpoint if the folder has one. The folder is locked
 * meanwhile. Leaves config.json, env.json, metrics.jsonl, events.jsonl, checkpoints/, and at the end summary.json and report.html.
 */
export const train = (options: RunOptions): TaskEither<UserError, RunOutcome> =>
  attempt(async () => {
    await mkdir(options.runDir, { recursive: true });
    const lock = await unwrap(lockRun(options.runDir));
    try {
      await cleanLeftovers(options.runDir);
      await cleanLeftovers(options.runDir, undefined, "flight");
      return await logged(options, untilOutcome);
    } finally {
      await lock.release();
    }
  });
