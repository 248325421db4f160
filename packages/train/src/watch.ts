import type { CollapseRecord, DipRecord, MetricRecord, RecoveryRecord } from "@twinview/report";
import { type CurvePoint, collapseAlarm, dipDepth, dipsOf, type Spike, spikeBefore, spikeDetector } from "@twinview/stability";
import type { RunEvent } from "./events.ts";
import type { StepResult } from "./loop.ts";

/** The loss among the layers that spike. Losses scatter less than gradients and stay within a few times their start. */
const lossName = "loss";
const lossRise = 1.25;
/** Steps without a spike after which the next one is a new event. */
const gap = 5;
/** For how many steps the progress line shows an alert. */
const alertSteps = 20;

/** What was found in one step. */
export interface StepFindings {
  readonly spikes: readonly Spike[];
  /** Whether they are a new event, and not the steps before going on. */
  readonly isNew: boolean;
  /** Whether representations have begun to collapse, or no longer do: none or one. */
  readonly collapses: readonly (CollapseRecord | RecoveryRecord)[];
  readonly events: readonly RunEvent[];
  /** What went wrong lately, in a few words, for the progress line. */
  readonly alert: string | undefined;
}

/** What a step must say of itself to be watched. */
export type WatchedStep = Pick<StepResult, "step" | "loss" | "gradientNorms" | "embeddingStd"> & Partial<Pick<StepResult, "monitors">>;

/** Watches a run for instability and collapse. */
export interface Watch {
  readonly step: (result: WatchedStep) => StepFindings;
  /** Told the kNN curve after each evaluation; `queries` is the number of images behind each accuracy. */
  readonly evaluation: (curve: readonly CurvePoint[], queries: number) => readonly DipRecord[];
}

const strongestOf = (spikes: readonly Spike[]): Spike => spikes.reduce((a, b) => (b.z > a.z ? b : a));

const eventOf = (spikes: readonly Spike[], goesOn: boolean): RunEvent => ({
  kind: "spike",
  ...strongestOf(spikes),
  layers: spikes.length,
  goesOn,
});

const shortName = (layer: string): string => layer.replace(/^(encoder|heads)\//, "").replace(/^blocks\//, "");

/**
 * Starts watching; `before` are the records of an earlier part of the run, from which the detectors take up where they were. `batch`
 * is the number of images a step; with labels there are no embeddings that could collapse.
 */
export const watch = (
  before: readonly MetricRecord[] = [],
  { batch, labels = false }: { readonly batch?: number; readonly labels?: boolean } = {},
): Watch => {
  const alarm = collapseAlarm(batch === undefined ? {} : { batch });
  let collapseHistory = alarm.start;
  const gradients = spikeDetector();
  const losses = spikeDetector({ ratio: lossRise, quietest: 0.01 });
  let history = gradients.start;
  let lossHistory = losses.start;
  let seen: readonly Spike[] = [];
  let alert: { readonly text: string; readonly step: number } | undefined;

  const spikesIn = ({ step, loss, gradientNorms }: WatchedStep): readonly Spike[] => {
    const found = gradients.watch(history, step, gradientNorms);
    const foundLoss = losses.watch(lossHistory, step, { [lossName]: loss });
    history = found.history;
    lossHistory = foundLoss.history;
    return [...found.spikes, ...foundLoss.spikes];
  };

  const collapsesIn = ({ step, embeddingStd, monitors }: WatchedStep): StepFindings["collapses"] => {
    if (labels) return [];
    const { history: grown, collapse, recovery } = alarm.watch(collapseHistory, step, { ...monitors, embeddingStd });
    collapseHistory = grown;
    if (collapse !== undefined) return [{ kind: "collapse", ...collapse }];
    return recovery === undefined ? [] : [{ kind: "recovery", ...recovery }];
  };

  /** A collapse is shown as long as it lasts, anything else for a while. */
  const alertAt = (step: number): string | undefined => {
    const { collapse } = collapseHistory;
    if (collapse !== undefined) return `collapse: ${collapse.metric} below ${collapse.floor} since ${collapse.since + 1}`;
    return alert !== undefined && step - alert.step <= alertSteps ? alert.text : undefined;
  };

  const step: Watch["step"] = (result) => {
    const spikes = spikesIn(result);
    const last = seen.at(-1)?.step;
    const isNew = spikes.length > 0 && !(last !== undefined && result.step - last <= gap);
    seen = [...seen, ...spikes];
    if (spikes.length > 0) {
      const { layer, ratio } = strongestOf(spikes);
      alert = { text: `spike ${ratio.toFixed(1)}x ${shortName(layer)} at ${result.step + 1}`, step: result.step };
    }
    const collapses = collapsesIn(result);
    const events = [...(spikes.length > 0 ? [eventOf(spikes, !isNew)] : []), ...collapses];
    return { spikes, isNew, collapses, events, alert: alertAt(result.step) };
  };

  const evaluation: Watch["evaluation"] = (curve, queries) => {
    const dip = dipsOf(curve, { depth: dipDepth(queries) }).at(-1);
    const point = curve.at(-1);
    if (dip === undefined || point === undefined || dip.step !== point.step) return []; // no dip, or one that was told
    const spike = spikeBefore(dip, seen);
    alert = { text: `kNN fell to ${(100 * point.accuracy).toFixed(1)} % at ${point.step}`, step: point.step - 1 };
    const cause = spike === undefined ? null : { step: spike.step, layer: spike.layer, ratio: spike.ratio };
    return [{ kind: "dip", step: dip.step, since: dip.since, from: dip.from, to: point.accuracy, spike: cause }];
  };

  for (const record of before) if (record.kind === "step") step(record);
  return { step, evaluation };
};
