import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { helpText, renderUserError, wantsHelp } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { type Case, type CaseContext, cases, chosenCases } from "./cases.ts";
import { loadText, machineText, peakMatmul } from "./machine.ts";
import { measure } from "./measure.ts";
import { type BenchOptions, benchOptions, benchSpec } from "./options.ts";
import { profileStep, shareTable } from "./profile.ts";
import { type CaseReport, caseReport, type Measured, table } from "./report.ts";

const measureCase = async (one: Case, context: CaseContext, { rounds, seconds, profile: wanted }: BenchOptions): Promise<Measured> => {
  const ours = await one.ours(context);
  const peer = await one.peer(context);
  const speeds = await measure({ ours, peer }, { rounds, seconds, imagesPerRun: one.imagesPerRun });
  await ours.close();
  await peer?.close();
  const profile =
    wanted && one.step !== undefined ? await profileStep(one.step, { ...context.tuning, threads: context.threads }) : undefined;
  return {
    case: one,
    speeds,
    peerName: peer?.name,
    openSeconds: ours.openSeconds ?? null,
    peakRssBytes: ours.peakRssBytes(),
    peerPeakRssBytes: peer?.peakRssBytes() ?? null,
    profile,
  };
};

const contextOf = (options: BenchOptions, folder: string): CaseContext => {
  const { chunk, spinning, threads = availableParallelism(), compile, beside, processorTime } = options;
  const tuning = { ...(chunk === undefined ? {} : { chunk }), ...(spinning === undefined ? {} : { spinning: spinning === "on" }) };
  return { threads, tuning, python: process.env.TWINVIEW_PEER_PYTHON || undefined, compile, beside, processorTime, folder };
};

/** One line a run in a file that grows: when, on what, how, and the figures. */
const remember = async (file: string, options: BenchOptions, cases: readonly CaseReport[]): Promise<void> => {
  const { rounds, seconds, chunk, spinning, processorTime } = options;
  const entry = {
    at: new Date().toISOString(),
    machine: machineText(),
    load: loadText(),
    rounds,
    seconds,
    chunk,
    spinning,
    processorTime,
    cases,
  };
  await appendFile(file, `${JSON.stringify(entry)}\n`);
};

const bench = async (options: BenchOptions, folder: string): Promise<void> => {
  const say = options.json ? console.error : console.log;
  const context = contextOf(options, folder);
  say(`${machineText()}, ${context.threads} threads, load ${loadText()}`);
  const chosen = chosenCases(options);
  const computes = chosen.some(({ flopsPerRun }) => flopsPerRun !== null);
  const peak = () => (computes ? peakMatmul(context.threads) : undefined);
  const before = await peak();
  const measured: Measured[] = [];
  for (const one of chosen) {
    say(`${one.name} ...`);
    const found = await measureCase(one, context, options);
    measured.push(found);
    const { passes, layers, operations } = found.profile ?? {};
    for (const [title, list] of Object.entries({ "by pass": passes, "by layer": layers, "by operation": operations }))
      if (list !== undefined) say(`\n${shareTable(title, list)}`);
  }
  const after = await peak(); // what else runs on the machine changes: the faster of the two is nearer the truth
  const machineGflops = before === undefined || after === undefined ? null : Math.max(before.gflops, after.gflops);
  say(`\n${table(measured, machineGflops)}\n`);
  if (before !== undefined) say(`peak product ${machineGflops?.toFixed(0)} GFLOPS (${before.name})`);
  if (chosen.some(({ flopsPerRun }) => flopsPerRun === null)) say("views: one thread a side, by the processor's time");
  say(`load ${loadText()}; medians of ${options.rounds} rounds`);
  const peers = new Set(measured.flatMap(({ peerName }) => peerName ?? []));
  if (peers.size > 0) say(`peer: ${[...peers].join("; ")}`);
  if (context.python === undefined && context.beside === undefined)
    say("PyTorch as peer: set TWINVIEW_PEER_PYTHON to a Python that has torch and torchvision");
  const reports = measured.map((one) => caseReport(one, machineGflops));
  if (options.history !== undefined) await remember(options.history, options, reports);
  if (options.json) console.log(JSON.stringify({ cases: reports }));
};

const main = async (argv: readonly string[]): Promise<void> => {
  if (wantsHelp(argv)) return console.log(helpText(benchSpec));
  const caseNames = cases.map(({ name }) => name);
  const options = benchOptions(argv, caseNames);
  if (E.isLeft(options)) {
    console.error(renderUserError(options.left));
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "twinview-bench-"));
  try {
    await bench(options.right, folder);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

await main(process.argv.slice(2));
