import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type LabelledData, labelledData } from "@twinview/assess";
import {
  distinctKinds,
  fullSize,
  type MeasuredSetting,
  measureRun,
  planStudy,
  quickImages,
  quickSize,
  quickTransfer,
  runCells,
  type Study,
  type StudyCell,
  type StudyResult,
  type StudySize,
  studies,
  studiesMarkdown,
  studiesPage,
  studyMarkdown,
  studyPage,
  studyResult,
  studyResultCodec,
  type TransferPlan,
  type Transferred,
  transferRun,
  verdictText,
} from "@twinview/compare";
import { failure, type Json, orThrow, readJson, unwrap, userError, userErrorOf } from "@twinview/config";
import { type Detected, detect } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { roundedEpochs } from "@twinview/recipes";
import { writeJson, writeText } from "@twinview/report";
import { measureGflops, measureStep, type Surroundings, surroundingsOf } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import { cellsPrinter } from "../cells-printer.ts";
import { locked } from "../locked.ts";
import type { Terminal } from "../output.ts";
import { recordedSpeeds, runFolder } from "../setup.ts";
import { type StopRequests, stopRequests } from "../signals.ts";
import { studyCall } from "./study-call.ts";
import { chosenStudies, listStudies } from "./study-list.ts";

export interface StudyFlags {
  readonly list: boolean;
  readonly data: string;
  readonly seeds: number | undefined;
  readonly epochs: number | undefined;
  readonly minutes: number | undefined;
  readonly set: readonly string[];
  readonly quick: boolean;
  readonly out: string;
  readonly workers: number | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
}

/** What all studies of one command share. */
interface Lab {
  readonly terminal: Terminal;
  readonly flags: StudyFlags;
  /** Whether all studies were asked for: those whose data are not installed are then left out. */
  readonly all: boolean;
  readonly out: string;
  readonly data: Detected;
  readonly around: Surroundings;
  readonly stop: StopRequests;
}

/** Where a study's encoders are fine-tuned, with the data. */
interface Target {
  readonly plan: TransferPlan;
  readonly data: LabelledData;
}

interface PlannedStudy {
  readonly study: Study;
  readonly target: Target | undefined;
  readonly cells: readonly StudyCell[];
  readonly images: number;
}

const withOverrides = (study: Study, set: readonly string[]): Study =>
  set.length === 0 ? study : { ...study, settings: study.settings.map((setting) => ({ ...setting, set: [...setting.set, ...set] })) };

/** The share of a run's time that evaluation, checkpoints and the start leave for steps. */
const trainingShare = 0.75;

/** The epochs of a cell of length 1 with which a study takes the time asked for, at the measured speeds of its kinds of cells. */
const epochsFor = async (study: Study, minutes: number, size: Omit<StudySize, "epochs">, { around, flags }: Lab): Promise<number> => {
  const cells = orThrow(planStudy(study, flags.data, { ...size, epochs: 1 }, around));
  const speeds = new Map<string, number>();
  for (const planned of distinctKinds(cells.map((cell) => cell.planned))) {
    const setting = cells.find((cell) => cell.planned === planned)?.setting as string;
    speeds.set(setting, await measureStep(onnxEngine(), planned.run.experiment, flags.threads));
  }
  const seconds = study.settings.reduce((sum, { name, times }) => {
    const speed = speeds.get(name) ?? Math.min(...speeds.values());
    return sum + (size.seeds * times * around.images) / speed;
  }, 0);
  return roundedEpochs((minutes * 60 * trainingShare) / seconds);
};

/** The data that a study transfers to; a quick one to its own. Throws a user error where they are not installed. */
const targetOf = async ({ transfer }: Study, { flags, data }: Lab): Promise<Target | undefined> => {
  if (transfer === undefined) return undefined;
  const plan = flags.quick ? { to: flags.data, settings: { ...transfer.settings, ...quickTransfer } } : transfer;
  return { plan, data: labelledData(flags.quick ? data : await unwrap(detect(plan.to)), plan.to) };
};

/** Plans the cells of a study: as long as asked for, as an earlier start in this folder chose, or as the study says. */
const planOne = async (study: Study, lab: Lab): Promise<PlannedStudy> => {
  const { flags, around, out } = lab;
  const size = flags.quick ? { ...quickSize, seeds: flags.seeds ?? quickSize.seeds } : { ...fullSize, seeds: flags.seeds ?? study.seeds };
  const folder = join(out, study.id);
  await mkdir(folder, { recursive: true });
  const chosen = async (minutes: number): Promise<number> => {
    const epochs = (await recordedSpeeds(folder)).epochs ?? (await epochsFor(study, minutes, size, lab));
    await unwrap(writeJson(join(folder, "env.json"), { epochs }));
    return epochs;
  };
  const own = (flags.quick ? quickImages : study.images) / around.images;
  const epochs = flags.epochs ?? (flags.minutes === undefined ? own : await chosen(flags.minutes));
  return {
    study,
    target: await targetOf(study, lab),
    cells: orThrow(planStudy(study, flags.data, { ...size, epochs }, around)),
    images: epochs * around.images,
  };
};

type Transfers = ReadonlyMap<StudyCell["planned"], Transferred>;

/** Fine-tunes the encoders of trained cells where the study transfers; undefined when it was stopped. */
const transferCells = async (
  cells: readonly { readonly planned: StudyCell["planned"]; readonly runDir: string }[],
  target: Target | undefined,
  { flags: { threads, workers }, stop }: Lab,
): Promise<Transfers | undefined> => {
  const found = new Map<StudyCell["planned"], Transferred>();
  if (target === undefined) return found;
  for (const { planned, runDir } of cells) {
    if (stop.requested()) return undefined;
    const { app, seed } = planned.cell;
    found.set(planned, await transferRun({ runDir, app, seed, ...target, engine: onnxEngine(), threads, workers }));
  }
  return found;
};

/** Trains what has not been trained of a study's cells; undefined when it was stopped. */
const trainAndMeasure = async ({ study, target, cells }: PlannedStudy, lab: Lab): Promise<readonly MeasuredSetting[] | undefined> => {
  const { terminal, flags, out, data, around, stop } = lab;
  const { results, diverged, stopped } = await unwrap(
    runCells({
      cells: cells.map(({ planned }) => planned),
      outDir: join(out, "cells"),
      data,
      engine: onnxEngine(),
      machineGflops: around.machineGflops,
      threads: flags.threads,
      workers: flags.workers,
      keepDiverged: true,
      onEvent: cellsPrinter(terminal, flags.json),
      shouldStop: stop.requested,
    }),
  );
  if (stopped) return undefined;
  const transferred = await transferCells([...results, ...diverged], target, lab);
  if (transferred === undefined) return undefined;
  const ended = [
    ...results.map(({ planned, runDir, summary }) => ({ planned, runDir, summary, seconds: summary.seconds })),
    ...diverged.map(({ planned, runDir, diverged: { seconds } }) => ({ planned, runDir, summary: undefined, seconds })),
  ];
  return Promise.all(
    study.settings.map(async ({ name }) => ({
      name,
      cells: await Promise.all(
        cells
          .filter((cell) => cell.setting === name)
          .flatMap(({ planned }) => ended.find((one) => one.planned === planned) ?? [])
          .map(async ({ planned, runDir, ...rest }) => ({
            ...(await measureRun(runDir, { seed: planned.cell.seed, ...rest })),
            transfer: transferred.get(planned),
          })),
      ),
    })),
  );
};

const writeStudy = async ({ study, images }: PlannedStudy, measured: readonly MeasuredSetting[], lab: Lab): Promise<void> => {
  const { flags, out, terminal } = lab;
  const result = studyResult(study, measured, {
    dataset: flags.data,
    images,
    quick: flags.quick,
    command: studyCall(study.id, flags),
  });
  const folder = join(out, study.id);
  await unwrap(writeJson(join(folder, "study.json"), studyResultCodec.encode(result) as Json));
  await unwrap(writeText(join(folder, "study.md"), studyMarkdown(result)));
  await unwrap(writeText(join(folder, "study.html"), studyPage(result, study.figures(measured))));
  if (flags.json) return terminal.out(`${JSON.stringify(studyResultCodec.encode(result))}\n`);
  terminal.out(
    `\n${studyMarkdown(result)}\nstudy ${study.id}: ${verdictText[result.reproduced]}; written to ${folder}/study.json, study.md and study.html\n`,
  );
};

/** The results in a folder, those of earlier commands included. */
const resultsIn = async (out: string): Promise<readonly StudyResult[]> => {
  const read = await Promise.all(studies.map(({ id }) => readJson(join(out, id, "study.json"), studyResultCodec)()));
  return read.flatMap((one) => (E.isRight(one) ? [one.right] : []));
};

const writeIndex = async ({ out, flags, terminal }: Lab): Promise<void> => {
  const results = await resultsIn(out);
  await unwrap(writeText(join(out, "studies.md"), studiesMarkdown(results)));
  await unwrap(writeText(join(out, "index.html"), studiesPage(results)));
  if (!flags.json) terminal.out(`all results: ${out}/index.html and studies.md\n`);
};

const openLab = async (terminal: Terminal, ids: readonly string[], flags: StudyFlags, stop: StopRequests): Promise<Lab> => {
  const data = await unwrap(detect(flags.data));
  if (data.train.labels === undefined)
    throw failure(
      userError("flags", "a study needs labels: kNN accuracy is what it measures", {
        where: `--data ${flags.data}`,
        expected: "a data set, or a folder with a folder of images for each class",
      }),
    );
  const { out } = flags;
  const recorded = await recordedSpeeds(out);
  const machineGflops = recorded.machineGflops ?? (await measureGflops(onnxEngine(), flags.threads));
  const all = ids.some((id) => id.toUpperCase() === "ALL");
  return { terminal, flags, all, out, data, around: await surroundingsOf(data, machineGflops), stop };
};

/** Runs studies one after the other; gives the exit code. */
const runStudies = async (chosen: readonly Study[], lab: Lab): Promise<number> => {
  const { terminal, flags, data, around, out, stop } = lab;
  await unwrap(writeJson(join(out, "env.json"), { machineGflops: around.machineGflops }));
  if (!flags.json) terminal.out(`${data.description}\n`);
  const planned: PlannedStudy[] = [];
  for (const study of chosen) {
    const one = await planOne(study, lab).catch((thrown: unknown) => {
      const missing = userErrorOf(thrown);
      if (!lab.all || study.transfer === undefined || missing === undefined) throw thrown;
      terminal.error(`${study.id} (${study.title}) is left out: ${missing.what}${missing.fix === undefined ? "" : `; ${missing.fix}`}\n`);
    });
    if (one !== undefined) planned.push(one);
  }
  for (const one of planned) {
    if (!flags.json)
      terminal.out(
        `\n${one.study.id}: ${one.study.title}, ${one.cells.length} runs of ${Math.round(one.images)} images times their length\n`,
      );
    const measured = await trainAndMeasure(one, lab);
    if (measured === undefined) {
      terminal.error("stopped; the same command goes on from here\n");
      return stop.exitCode();
    }
    await writeStudy(one, measured, lab);
    await writeIndex(lab);
  }
  return 0;
};

/** `twinview study`: trains the settings of studies of the paper, holds them against their rules, and writes pages. */
export const studyCommand = async (terminal: Terminal, ids: readonly string[], flags: StudyFlags): Promise<number> => {
  if (flags.list) {
    listStudies(terminal, flags.json);
    return 0;
  }
  const chosen = chosenStudies(ids).map((study) => withOverrides(study, flags.set));
  const stop = stopRequests((text) => terminal.error(text));
  try {
    const lab = await openLab(terminal, ids, flags, stop);
    return await locked(await runFolder(lab.out), () => runStudies(chosen, lab));
  } finally {
    stop.release();
  }
};
