import { availableParallelism } from "node:os";
import { helpText, renderUserError, wantsHelp } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { type Case, type CaseContext, cases } from "./cases.ts";
import { loadText, machineText, peakMatmul } from "./machine.ts";
import { measure } from "./measure.ts";
import { type BenchOptions, benchOptions, benchSpec } from "./options.ts";
import { caseReport, type Measured, table } from "./report.ts";

const measureCase = async (one: Case, context: CaseContext, { rounds, seconds }: BenchOptions): Promise<Measured> => {
  const { python } = context;
  const ours = await one.ours(context);
  const peer = python === undefined ? undefined : await one.peer({ ...context, python });
  const speeds = await measure({ ours, peer }, { rounds, seconds, imagesPerRun: one.imagesPerRun });
  await ours.close();
  await peer?.close();
  return {
    case: one,
    speeds,
    peerName: peer?.name,
    peakRssBytes: ours.peakRssBytes(),
    peerPeakRssBytes: peer?.peakRssBytes() ?? null,
  };
};

const bench = async (options: BenchOptions): Promise<void> => {
  const say = options.json ? console.error : console.log;
  const threads = options.threads ?? availableParallelism();
  const { chunk, spinning } = options;
  const tuning = { ...(chunk === undefined ? {} : { chunk }), ...(spinning === undefined ? {} : { spinning: spinning === "on" }) };
  const context: CaseContext = { threads, tuning, python: process.env.TWINVIEW_PEER_PYTHON || undefined, compile: options.compile };
  say(`${machineText()}, ${threads} threads, load ${loadText()}`);
  const before = await peakMatmul(threads);
  const measured: Measured[] = [];
  for (const one of cases.filter(({ name }) => name.includes(options.only ?? ""))) {
    say(`${one.name} ...`);
    measured.push(await measureCase(one, context, options));
  }
  const after = await peakMatmul(threads); // what else runs on the machine changes: the faster of the two is nearer the truth
  const machineGflops = Math.max(before.gflops, after.gflops);
  say(`\n${table(measured, machineGflops)}\n`);
  say(`peak product ${machineGflops.toFixed(0)} GFLOPS (${before.name}); load ${loadText()}; medians of ${options.rounds} rounds`);
  const peers = new Set(measured.flatMap(({ peerName }) => peerName ?? []));
  say(peers.size > 0 ? `peer: ${[...peers].join("; ")}` : "no peer: set TWINVIEW_PEER_PYTHON to a Python that has torch and torchvision");
  if (options.json) console.log(JSON.stringify({ cases: measured.map((one) => caseReport(one, machineGflops)) }));
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
  try {
    await bench(options.right);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
};

await main(process.argv.slice(2));
