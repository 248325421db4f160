import { prune, saveCheckpoint } from "@twinview/checkpoint";
import { type Json, unwrap, userErrorOf } from "@twinview/config";
import type { Engine, Session } from "@twinview/engine";
import type { MetricRecord, Metrics, NonFiniteRecord } from "@twinview/report";
import type { RunSettings } from "./app.ts";
import { type Baselines, evaluateEncoder, evaluatePixels, evaluateQuality, headline, qualityCounts } from "./evaluation.ts";
import type { RunEvent } from "./events.ts";
import type { Experiment } from "./experiment.ts";
import type { Fault, StepResult } from "./loop.ts";
import type { KnnSets } from "./monitor.ts";
import { evalBatch } from "./programs.ts";
import { progressCodec, type RunProgress } from "./progress-state.ts";
import { speedometer } from "./speed.ts";
import { toGroups } from "./state-groups.ts";
import { viewPairs } from "./view-pairs.ts";
import { watch } from "./watch.ts";

export interface TrackerOptions {
  readonly experiment: Experiment;
  readonly session: Session;
  readonly engine: Engine;
  readonly settings: RunSettings;
  readonly monitorSets: KnnSets;
  readonly finalSets: KnnSets;
  readonly metrics: Metrics;
  readonly runDir: string;
  readonly machineGflops: number;
  readonly flopsPerStep: number;
  readonly threads?: number | undefined;
  /** Where an earlier part of the run had come to. */
  readonly before?: RunProgress | undefined;
  /** What that part recorded. */
  readonly records?: readonly MetricRecord[];
  readonly onEvent: (event: RunEvent) => void;
}

/** Follows a run: records every step, evaluates and saves when it is time. */
export interface Tracker {
  readonly firstStep: number;
  readonly afterStep: (result: StepResult) => Promise<void>;
  /** In the place of `afterStep` for a step that was left out; for a run that ends or goes back, `tell` records the fault alone. */
  readonly leftOut: (fault: Fault, flight: string | null) => Promise<void>;
  readonly tell: (record: NonFiniteRecord, flight: string | null) => void;
  /** Saves a checkpoint from which `nextStep` runs next. */
  readonly save: (nextStep: number) => Promise<void>;
  readonly progress: () => RunProgress;
  /** Images behind each accuracy of the kNN curve. */
  readonly queries: number;
  /** Median speed so far. */
  readonly imagesPerSecond: () => number;
}

const measureBaselines = async (options: TrackerOptions, sets: KnnSets): Promise<Baselines> => {
  const { engine, session, experiment, threads } = options;
  const common = { engine, session, experiment, sets, which: "online" as const, evalBatch, threads };
  const { top1 } = await evaluateEncoder(common);
  return { raw: await evaluatePixels(engine, sets, threads), random: top1 };
};

const firstProgress = async (options: TrackerOptions): Promise<RunProgress> => {
  const monitor = await measureBaselines(options, options.monitorSets);
  const final = await measureBaselines(options, options.finalSets);
  options.metrics.append({ kind: "baseline", ...monitor });
  return {
    nextStep: 0,
    loss: { first: Number.NaN, last: Number.NaN },
    monitor,
    final,
    curve: headline(monitor.random) === null ? [] : [{ step: 0, accuracy: headline(monitor.random) as number }],
    spikes: 0,
    nonFinite: 0,
    collapse: 0,
    seconds: 0,
    peakRssBytes: 0,
  };
};

/** As many digits as float32 has. */
const digits = 7;
const rounded = (numbers: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(numbers).map(([name, x]) => [name, Number(x.toPrecision(digits))]));

/** The record of a step; numbers of layers in as many digits as they have, for there are many. */
const recordOf = (result: StepResult, pace: { readonly imagesPerSecond: number; readonly waitShare: number }): MetricRecord => {
  const { step, epoch, loss, hyper, gradientNorm, embeddingStd, monitors } = result;
  const layers = {
    gradientNorms: rounded(result.gradientNorms),
    updateRatios: rounded(result.updateRatios),
    activations: rounded(result.activations),
  };
  return { kind: "step", step, epoch, loss, hyper, gradientNorm, ...layers, embeddingStd, monitors, ...pace };
};

/** Starts following a run; measures the baselines when it is new. */
export const track = async (options: TrackerOptions): Promise<Tracker> => {
  const { experiment, session, engine, settings, metrics, runDir, onEvent, threads, monitorSets } = options;
  let progress = options.before ?? (await firstProgress(options));
  onEvent({ kind: "baseline", ...progress.monitor });
  const speed = speedometer({ batch: experiment.batch });
  const pairs = viewPairs(experiment, monitorSets.queries, qualityCounts.pairs);
  const watching = watch(options.records, { batch: experiment.batch, labels: experiment.given !== undefined });

  const save = async (nextStep: number): Promise<void> => {
    const started = performance.now();
    progress = { ...progress, nextStep };
    await metrics.flush();
    const groups = toGroups(await session.read());
    const path = await unwrap(saveCheckpoint({ runDir, step: nextStep, groups, progress: progressCodec.encode(progress) as Json }));
    const { everySteps, keep } = settings.checkpoint;
    const toReturnTo = settings.onNonFinite === "roll-back" ? nextStep - (nextStep % everySteps) : undefined;
    await unwrap(prune(runDir, keep, undefined, toReturnTo));
    onEvent({ kind: "checkpoint", step: nextStep, path, seconds: (performance.now() - started) / 1000 });
  };

  const evaluate = async ({ step, epoch }: Pick<StepResult, "step" | "epoch">): Promise<void> => {
    const which = "online" as const;
    const { top1, queries } = await evaluateEncoder({ engine, session, experiment, sets: monitorSets, which, evalBatch, threads });
    const quality = await evaluateQuality({ session, experiment, clean: queries, pairs, evalBatch });
    metrics.append({ kind: "quality", step, epoch, encoder: which, ...quality });
    if (top1 === null) return;
    const record = { kind: "knn", step, epoch, encoder: which, top1 } as const;
    metrics.append(record);
    onEvent(record);
    progress = { ...progress, curve: [...progress.curve, { step: step + 1, accuracy: headline(top1) as number }] };
    for (const dip of watching.evaluation(progress.curve, monitorSets.queries.count)) {
      metrics.append(dip);
      onEvent(dip);
    }
  };

  const afterStep = async (result: StepResult): Promise<void> => {
    speed.record(result.computeSeconds, result.waitSeconds);
    const { step, epoch, loss, hyper } = result;
    const pace = { imagesPerSecond: speed.imagesPerSecond(), waitShare: speed.waitShare() };
    metrics.append(recordOf(result, pace));
    const found = watching.step(result);
    for (const spike of found.spikes) metrics.append({ kind: "spike", ...spike });
    for (const record of found.collapses) metrics.append(record);
    for (const event of found.events) onEvent(event);
    progress = {
      ...progress,
      nextStep: step + 1,
      loss: { first: step === 0 ? loss : progress.loss.first, last: loss },
      spikes: progress.spikes + (found.isNew ? 1 : 0),
      collapse: (progress.collapse ?? 0) + found.collapses.filter(({ kind }) => kind === "collapse").length,
      leftOut: 0,
      seconds: progress.seconds + result.computeSeconds + result.waitSeconds,
      peakRssBytes: Math.max(progress.peakRssBytes, result.peakRssBytes),
    };
    const secondsLeft = (experiment.steps - step - 1) * speed.stepSeconds();
    const gflops = (options.flopsPerStep * speed.imagesPerSecond()) / experiment.batch / 1e9;
    const shown = { step, steps: experiment.steps, epoch, loss, lr: hyper.lr ?? Number.NaN, gflops, secondsLeft, ...pace };
    const alert = found.alert === undefined ? {} : { alert: found.alert };
    onEvent({ kind: "step", ...shown, machineGflops: options.machineGflops, rssBytes: result.peakRssBytes, ...alert });
    await whatIsDue(result);
  };

  /** Evaluates and saves where it is time after a step. */
  const whatIsDue = async (result: Pick<StepResult, "step" | "epoch">): Promise<void> => {
    const { step, epoch } = result;
    const before = (epoch * step) / (step + 1); // epochs done before this step
    const crossed = (every: number): boolean => Math.floor(epoch / every + 1e-9) > Math.floor(before / every + 1e-9);
    if (crossed(settings.knn.everyEpochs) && step + 1 < experiment.steps) await evaluate(result);
    if ((step + 1) % settings.checkpoint.everySteps === 0 && step + 1 < experiment.steps) await saveOrWarn(step + 1);
    if (step + 1 === experiment.steps) await evaluate(result);
  };

  const tell: Tracker["tell"] = (record, flight) => {
    metrics.append(record);
    onEvent({ ...record, flight });
  };

  const leftOut: Tracker["leftOut"] = async (fault, flight) => {
    const { step, tensors } = fault;
    tell({ kind: "non-finite", step, tensors, action: "skip" }, flight);
    progress = { ...progress, nextStep: step + 1, nonFinite: progress.nonFinite + 1, leftOut: (progress.leftOut ?? 0) + 1 };
    await whatIsDue(fault);
  };

  const saveOrWarn = async (nextStep: number): Promise<void> => {
    try {
      await save(nextStep);
    } catch (thrown) {
      const error = userErrorOf(thrown);
      if (error === undefined) throw thrown;
      onEvent({ kind: "warning", text: `no checkpoint at step ${nextStep}: ${error.what}; training goes on` });
    }
  };

  return {
    firstStep: progress.nextStep,
    afterStep,
    leftOut,
    tell,
    save,
    progress: () => progress,
    queries: monitorSets.queries.count,
    imagesPerSecond: speed.imagesPerSecond,
  };
};
