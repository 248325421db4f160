import {
  anyNumber,
  array,
  bool,
  choice,
  closed,
  fraction,
  natural,
  nonNegative,
  nullable,
  positive,
  type TypeOf,
  text,
} from "@twinview/config";
import { judge } from "./claims.ts";
import { fallsOf, type MeasuredSetting, spikeEventsOf } from "./measured-cell.ts";
import type { Setting, Study } from "./study.ts";

const settingCodec = closed(
  "setting",
  {
    name: text,
    method: text,
    backbone: text,
    batch: natural,
    /** Overrides of the configuration, as `path=value`. */
    set: array(text),
    /** The paper's number, in percent; null where it has none. */
    paper: nullable(anyNumber),
    seeds: array(natural),
    /** For each seed: final kNN accuracy in 0..1, that of the untrained encoder, and whether the run stayed finite. */
    knn: array(fraction),
    untrained: array(fraction),
    finished: array(bool),
    steps: array(natural),
    /** For each seed: the kNN curve. */
    curve: array(closed("curve", { epoch: array(nonNegative), knn: array(fraction) })),
    /** For each seed: events in which gradients spiked, dips of the kNN curve, and the sum of its falls in 0..1. */
    spikes: array(natural),
    dips: array(natural),
    falls: array(nonNegative),
  },
  {
    /** For each seed: accuracies in 0..1 after fine-tuning on the study's other data set. */
    transfer: array(closed("transfer", { test: fraction, train: fraction })),
  },
);

const verdict = choice(["yes", "no", "unclear"]);

/** The codec of study.json: what a study measured and what follows by its rule. Accuracies are in 0..1, times in seconds. */
export const studyResultCodec = closed("study", {
  id: text,
  title: text,
  paper: closed("paper", { did: text, found: text, where: text }),
  dataset: text,
  /** kNN accuracy of raw pixels. */
  raw: fraction,
  /** Training images that a cell of length 1 saw. */
  images: positive,
  /** Whether it was a smoke test, which shows nothing. */
  quick: bool,
  statistic: text,
  notes: array(text),
  settings: array(settingCodec),
  /** Each rule with what was measured; those that decide all have to hold. */
  measured: array(closed("finding", { rule: text, decides: bool, verdict, measured: text })),
  reproduced: verdict,
  /** Training time of all cells, those shared with other studies included. */
  seconds: nonNegative,
  /** What was called, and the machines that the cells ran on. */
  command: text,
  machines: array(text),
});

/** What a study measured, as written to study.json. */
export type StudyResult = TypeOf<typeof studyResultCodec>;

const settingResult = (setting: Setting, { cells }: MeasuredSetting): StudyResult["settings"][number] => ({
  name: setting.name,
  method: setting.app.method,
  backbone: setting.backbone,
  batch: setting.batch,
  set: [...setting.set],
  paper: setting.paper ?? null,
  seeds: cells.map(({ seed }) => seed),
  knn: cells.map(({ knn }) => knn),
  untrained: cells.map(({ untrained }) => untrained),
  finished: cells.map(({ finished }) => finished),
  steps: cells.map(({ steps }) => steps),
  curve: cells.map(({ curve }) => ({ epoch: [...curve.epoch], knn: [...curve.knn] })),
  spikes: cells.map(spikeEventsOf),
  dips: cells.map(({ dips }) => dips),
  falls: cells.map(fallsOf),
  ...(cells.some(({ transfer }) => transfer === undefined)
    ? {}
    : { transfer: cells.map(({ transfer }) => ({ test: transfer?.test ?? Number.NaN, train: transfer?.train ?? Number.NaN })) }),
});

/** A study's result from what its settings measured, by its own rule. */
export const studyResult = (
  study: Study,
  measured: readonly MeasuredSetting[],
  about: { readonly dataset: string; readonly images: number; readonly quick: boolean; readonly command: string },
): StudyResult => {
  const { reproduced, findings } = judge(study, measured);
  const { id, title, paper, statistic, notes } = study;
  const cells = measured.flatMap((setting) => setting.cells);
  return {
    id,
    title,
    paper,
    ...about,
    raw: cells[0]?.raw ?? Number.NaN,
    statistic,
    notes: [...notes],
    settings: study.settings.flatMap((setting) => {
      const found = measured.find(({ name }) => name === setting.name);
      return found === undefined ? [] : [settingResult(setting, found)];
    }),
    measured: [...findings],
    reproduced,
    seconds: cells.reduce((sum, { seconds }) => sum + seconds, 0),
    machines: [...new Set(cells.map(({ machine }) => machine))],
  };
};
