import { basename, join } from "node:path";
import { startOf } from "@twinview/assess";
import { orThrow, unwrap } from "@twinview/config";
import { detect } from "@twinview/data";
import { type App, checkSameRun, type RunOutcome, storedRun, train } from "@twinview/train";
import { type EngineFlags, engineOf } from "../engines.ts";
import { dataNameOf } from "../opened.ts";
import { eventPrinter, type Terminal } from "../output.ts";
import { type ExperimentFlags, type Prepared, prepare, recordedSpeeds, runFolder } from "../setup.ts";
import { stopRequests } from "../signals.ts";

/** The flags that say how to run. */
export interface RunFlags extends EngineFlags {
  readonly out: string | undefined;
  readonly workers: number | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
}

const folderName = (data: string): string => basename(data).replace(/[^\w.-]+/g, "-") || "data";

const report = (terminal: Terminal, outcome: RunOutcome, stoppedWith: number): number => {
  if (outcome.kind === "finished") return 0;
  terminal.error(`stopped before step ${outcome.nextStep + 1}; continue with: twinview resume ${outcome.runDir}\n`);
  return stoppedWith;
};

/** Runs a prepared experiment in a folder until it ends or a signal asks it to stop; gives the exit code. */
export const runPrepared = async (
  terminal: Terminal,
  prepared: Prepared,
  { runDir, flags, onlySteps }: { readonly runDir: string; readonly flags: Omit<RunFlags, "out">; readonly onlySteps?: number },
): Promise<number> => {
  const stop = stopRequests((text) => terminal.error(text));
  try {
    const outcome = await unwrap(
      train({
        ...prepared,
        runDir,
        threads: flags.threads,
        workers: flags.workers,
        notes: prepared.reasons,
        onlySteps,
        onEvent: eventPrinter(terminal, { json: flags.json }),
        shouldStop: stop.requested,
      }),
    );
    return report(terminal, outcome, stop.exitCode());
  } finally {
    stop.release();
  }
};

const say = (terminal: Terminal, json: boolean, reasons: readonly string[]): void => {
  for (const text of reasons) terminal.out(json ? `${JSON.stringify({ kind: "note", text })}\n` : `${text}\n`);
};

/** `twinview train`. */
export const trainCommand = async (terminal: Terminal, app: App, flags: ExperimentFlags & RunFlags): Promise<number> => {
  const runDir = flags.out ?? join("runs", `${app.method}-${folderName(flags.data)}`);
  const prepared = await prepare(app, flags, { ...flags, runDir, measure: true });
  say(terminal, flags.json, prepared.reasons);
  await runFolder(runDir);
  const changed = await checkSameRun(
    runDir,
    prepared.run.config,
    `use the same options to go on, twinview resume ${runDir} to go on whatever they were, or another folder with --out to start anew`,
    prepared.run.experiment.encoder.mixesImages === true ? [] : ["microBatch"],
  );
  say(
    terminal,
    flags.json,
    changed.map((text) => `changed since the run began, the same steps to rounding: ${text}`),
  );
  return runPrepared(terminal, prepared, { runDir, flags });
};

/** `twinview resume`: everything but the machine comes from the run's folder. */
export const resumeCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  flags: Omit<RunFlags, "out">,
): Promise<number> => {
  const stored = await storedRun(apps, runDir);
  const restored = (images: number) => orThrow(stored.app.restore(stored.config, stored.configPath, images));
  if (stored.data === undefined) restored(0); // a config.json without a data set is damaged: decoding it names what is missing
  const data = await unwrap(detect(dataNameOf(stored)));
  const run = restored(data.train.length);
  const { machineGflops = 0, imagesPerSecond } = await recordedSpeeds(runDir);
  const start = startOf(run);
  const engine = await engineOf(flags);
  const prepared = { run, reasons: [data.description], data, engine, machineGflops, imagesPerSecond, start };
  return runPrepared(terminal, prepared, { runDir, flags });
};
