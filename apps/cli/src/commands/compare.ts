import { join } from "node:path";
import {
  type Cell,
  comparePage,
  comparisonOf,
  distinctKinds,
  finishedRun,
  markdownTable,
  type PlannedCell,
  planCell,
  runCells,
  sharedEpochs,
} from "@twinview/compare";
import { failure, type Json, orThrow, suggestion, unwrap, userError } from "@twinview/config";
import { type Detected, detect } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { readMetrics, runPaths, type Summary, writeJson, writeText } from "@twinview/report";
import { type App, measureGflops, measureStep, type Surroundings, surroundingsOf, type Wishes } from "@twinview/train";
import { cellsPrinter } from "../cells-printer.ts";
import { locked } from "../locked.ts";
import type { Terminal } from "../output.ts";
import { recordedSpeeds, runFolder } from "../setup.ts";
import { stopRequests } from "../signals.ts";

export interface CompareFlags {
  readonly data: string | undefined;
  readonly methods: string | undefined;
  readonly backbones: string | undefined;
  readonly seeds: number;
  readonly epochs: number | undefined;
  readonly minutes: number | undefined;
  readonly batch: number | undefined;
  readonly freezePatch: boolean;
  readonly set: readonly string[];
  readonly quick: boolean;
  readonly out: string;
  readonly workers: number | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
}

/** Small enough for all cells in a few minutes: a smoke test, not a result. */
const quickSettings = {
  batch: 64,
  steps: 12,
  set: ["knn.bank=1000", "knn.queries=200", "knn.finalBank=1000", "knn.finalQueries=200"],
} as const;
const defaultMinutesEach = 10;

/** The items of a comma-separated list, each of them known. */
const listed = (flag: string, given: string | undefined, known: readonly string[], standard: readonly string[]): readonly string[] => {
  const names = given?.split(",").map((name) => name.trim()) ?? standard;
  for (const name of names) {
    if (known.includes(name)) continue;
    const fix = suggestion(name, known);
    throw failure(
      userError("flags", `unknown name ${JSON.stringify(name)}`, {
        where: flag,
        expected: `names among ${known.join(", ")}, separated by commas`,
        ...(fix === undefined ? {} : { fix }),
      }),
    );
  }
  return names;
};

const cellsOf = (apps: Readonly<Record<string, App>>, flags: CompareFlags): readonly Cell[] => {
  const methods = listed(
    "--methods",
    flags.methods,
    Object.keys(apps),
    Object.keys(apps).filter((name) => !apps[name]?.labelled),
  );
  const known = [...new Set(Object.values(apps).flatMap((app) => app.backbones))];
  const backbones = listed(
    "--backbones",
    flags.backbones,
    known,
    ["vit-mini", "resnet-18"].filter((name) => known.includes(name)),
  );
  const set = flags.quick ? [...quickSettings.set, ...flags.set] : flags.set;
  return Array.from({ length: flags.seeds }, (_, seed) => seed).flatMap((seed) =>
    methods.flatMap((method) => backbones.map((backbone): Cell => ({ app: apps[method] as App, backbone, seed, set }))),
  );
};

const plannedOrThrow = (cells: readonly Cell[], wishes: Wishes, around: Surroundings): readonly PlannedCell[] =>
  cells.map((cell) => orThrow(planCell(cell, wishes, around)));

/** Cells of one batch size and length: the length asked for, or what fits the time at the measured speeds. */
const planCells = async (cells: readonly Cell[], flags: CompareFlags, around: Surroundings, recorded: number | undefined) => {
  const { images } = around;
  const quickBatch = Math.min(quickSettings.batch, images);
  const batch = flags.batch ?? (flags.quick ? quickBatch : undefined);
  const wishes = { data: flags.data as string, preset: "mini", batch, freezePatch: flags.freezePatch ? true : undefined };
  const quickEpochs = flags.quick ? quickSettings.steps / Math.floor(images / (batch ?? quickBatch)) : undefined;
  const known = flags.epochs ?? recorded ?? quickEpochs;
  if (known !== undefined) return { epochs: known, cells: plannedOrThrow(cells, { ...wishes, epochs: known }, around) };
  const kinds = distinctKinds(plannedOrThrow(cells, { ...wishes, epochs: 1 }, around));
  const speeds: { readonly imagesPerSecond: number }[] = [];
  for (const { run } of kinds) speeds.push({ imagesPerSecond: await measureStep(onnxEngine(), run.experiment, flags.threads) });
  const minutes = (flags.minutes ?? defaultMinutesEach * cells.length) / flags.seeds;
  const epochs = sharedEpochs(speeds, { images, batch: kinds[0]?.run.experiment.batch ?? 1, minutes });
  return { epochs, cells: plannedOrThrow(cells, { ...wishes, epochs }, around) };
};

const writeResults = async (
  terminal: Terminal,
  out: string,
  runs: readonly { readonly summary: Summary; readonly runDir: string }[],
  json: boolean,
) => {
  const comparison = comparisonOf(runs.map(({ summary }) => summary));
  const table = markdownTable(comparison);
  await unwrap(writeJson(join(out, "comparison.json"), comparison as unknown as Json));
  await unwrap(writeText(join(out, "comparison.md"), table));
  const curves = await Promise.all(
    runs.map(async ({ summary: { method, backbone }, runDir }) => ({
      method,
      backbone,
      records: await readMetrics(runPaths(runDir).metrics),
    })),
  );
  await unwrap(writeText(join(out, "compare.html"), comparePage(comparison, curves)));
  terminal.out(
    json ? `${JSON.stringify(comparison)}\n` : `\n${table}\nwritten to ${out}/comparison.json, comparison.md and compare.html\n`,
  );
};

const compareFinished = async (terminal: Terminal, folders: readonly string[], flags: CompareFlags): Promise<number> => {
  const runs = await Promise.all(folders.map(async (runDir) => ({ runDir, summary: await unwrap(finishedRun(runDir)) })));
  await writeResults(terminal, await runFolder(flags.out), runs, flags.json);
  return 0;
};

interface Comparing {
  readonly data: Detected;
  readonly machineGflops: number;
  readonly epochs: number;
  readonly cells: readonly PlannedCell[];
}

/** Trains the cells one after the other and writes what is known of them; gives the exit code. */
const trainCells = async (terminal: Terminal, { data, machineGflops, epochs, cells }: Comparing, flags: CompareFlags): Promise<number> => {
  const { out } = flags;
  await unwrap(writeJson(join(out, "env.json"), { machineGflops, epochs }));
  if (!flags.json) terminal.out(`${data.description}\n${cells.length} cells of ${epochs.toFixed(2)} epochs each\n`);
  const stop = stopRequests((text) => terminal.error(text));
  try {
    const { results, stopped } = await unwrap(
      runCells({
        cells,
        outDir: out,
        data,
        engine: onnxEngine(),
        machineGflops,
        threads: flags.threads,
        workers: flags.workers,
        onEvent: cellsPrinter(terminal, flags.json),
        shouldStop: stop.requested,
      }),
    );
    if (results.length > 0) await writeResults(terminal, out, results, flags.json);
    if (!stopped) return 0;
    terminal.error("stopped; the same command goes on from here\n");
    return stop.exitCode();
  } finally {
    stop.release();
  }
};

/** `twinview compare`: trains every method on every backbone with every seed, or reads finished runs, and puts them side by side. */
export const compareCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  folders: readonly string[],
  flags: CompareFlags,
): Promise<number> => {
  if (folders.length > 0) return compareFinished(terminal, folders, flags);
  if (flags.data === undefined)
    throw failure(
      userError("flags", "nothing to compare", {
        where: "twinview compare",
        expected: "--data DATA to train cells, or the folders of finished runs",
        fix: "twinview compare --data fashion-mnist --quick",
      }),
    );
  const wanted = cellsOf(apps, flags);
  const data = await unwrap(detect(flags.data));
  // an earlier start in this folder fixed speed and length: the same command goes on instead of measuring anew
  const recorded = await recordedSpeeds(flags.out);
  const machineGflops = recorded.machineGflops ?? (await measureGflops(onnxEngine(), flags.threads));
  const planned = await planCells(wanted, flags, await surroundingsOf(data, machineGflops), recorded.epochs);
  const out = await runFolder(flags.out); // made once the cells are known to fit
  return locked(out, () => trainCells(terminal, { data, machineGflops, ...planned }, { ...flags, out }));
};
