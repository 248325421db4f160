import { failure, type Json } from "@twinview/config";
import type { Detected } from "@twinview/data";
import type { Engine, Session } from "@twinview/engine";
import { readMetrics, renderReport, runPaths, type Summary, summaryCodec, writeJson, writeText } from "@twinview/report";
import { dipDepth, dipsOf } from "@twinview/stability";
import type { PlannedRun } from "./app.ts";
import { environment } from "./environment.ts";
import { evaluateEncoder, headline } from "./evaluation.ts";
import type { Experiment } from "./experiment.ts";
import { headlineK, type KnnSets } from "./monitor.ts";
import { evalBatch } from "./programs.ts";
import { neighbourImages, sampleViews } from "./reports.ts";
import type { Tracker } from "./tracker.ts";

export interface FinishOptions {
  readonly run: PlannedRun;
  readonly data: Detected;
  readonly runDir: string;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly machineGflops: number;
  readonly imagesPerSecond?: number | undefined;
  readonly notes: readonly string[];
  readonly experiment: Experiment;
  readonly session: Session;
  readonly tracker: Tracker;
  /** Image sets of the final numbers. */
  readonly sets: KnnSets;
}

const summaryOf = ({ run, experiment, tracker }: FinishOptions, trained: number | null): Summary => {
  const progress = tracker.progress();
  const [raw, random] = [headline(progress.final.raw), headline(progress.final.random)];
  return {
    method: run.method,
    backbone: run.backbone,
    dataset: run.data,
    seed: experiment.seed,
    steps: progress.nextStep,
    imagesPerSecond: (progress.nextStep * experiment.batch) / progress.seconds,
    peakRssBytes: progress.peakRssBytes,
    loss: progress.loss,
    knn: raw === null || random === null || trained === null ? null : { raw, random, trained, k: headlineK },
    stability: {
      spikes: progress.spikes,
      dips: dipsOf(progress.curve, { depth: dipDepth(tracker.queries) }).length,
      nonFinite: progress.nonFinite,
      collapse: progress.collapse ?? 0,
    },
    seconds: progress.seconds,
  };
};

const againFix = "the training is complete and saved: make room for this file, then the same command writes it";

/** Evaluates the trained encoder on the final sets and writes summary.json and report.html. Throws a user error where one cannot be written. */
export const finishRun = async (options: FinishOptions): Promise<Summary> => {
  const { run, data, runDir, engine, threads, experiment, session, sets, notes, machineGflops, imagesPerSecond } = options;
  const { top1, neighbours } = await evaluateEncoder({ engine, session, experiment, sets, which: "online", evalBatch, threads });
  const summary = summaryOf(options, headline(top1));
  const paths = runPaths(runDir);
  const summarized = await writeJson(paths.summary, summaryCodec.encode(summary) as Json)();
  const html = renderReport({
    title: `${run.method} on ${summary.dataset}`,
    summary,
    config: run.config,
    environment: environment(engine.name, machineGflops, imagesPerSecond) as Json,
    records: await readMetrics(paths.metrics),
    samples: await sampleViews(experiment, sets.bank),
    neighbours: await neighbourImages(sets, neighbours, data.train.classes ?? []),
    notes: [...new Set([data.description, ...notes])],
  });
  const reported = await writeText(paths.report, html)();
  for (const written of [summarized, reported]) if (written._tag === "Left") throw failure({ ...written.left, fix: againFix });
  return summary;
};
