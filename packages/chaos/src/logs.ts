import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Ended, start } from "./command.ts";
import type { Ground } from "./ground.ts";
import { newRun, saidBy, training, weightsOf } from "./small-run.ts";
import { finding, type Trial } from "./trial.ts";

const sameWeights = async (ground: Ground, run: string): Promise<string | undefined> => {
  const [now, whole] = [await weightsOf(run).catch(() => undefined), (await ground.whole()).weights];
  return JSON.stringify(now) === JSON.stringify(whole) ? undefined : "the weights at the end differ";
};

/** What is wrong with a run that should have ended with a code and the weights of the undisturbed one. */
const judged = async (ground: Ground, run: string, ended: Ended, code: number): Promise<string | undefined> =>
  ended.code === code ? sameWeights(ground, run) : saidBy(ended);

/** Nothing but checkpoints can be written: the logs' disk is full, folders are in the place of files, and output goes to a full disk. */
const unwritable = async (ground: Ground): Promise<string | undefined> => {
  const run = await newRun(ground, "logs-unwritable");
  symlinkSync("/dev/full", join(run, "metrics.jsonl"));
  mkdirSync(join(run, "events.jsonl"));
  const ended = await start(["sh", "-c", 'exec "$@" > /dev/full', "sh", ...training(ground, run)]).ended;
  return judged(ground, run, ended, 0);
};

/** The files are taken away in the middle of the run. */
const takenAway = async (ground: Ground): Promise<string | undefined> => {
  const run = await newRun(ground, "logs-taken-away");
  const ended = await start(training(ground, run), {
    onTold: ({ kind, step }) => {
      if (kind !== "step" || step !== 13) return;
      for (const name of ["metrics.jsonl", "events.jsonl", "env.json", "config.json"]) rmSync(join(run, name), { force: true });
    },
  }).ended;
  return judged(ground, run, ended, 0);
};

/** A killed run goes on although a folder has come into the place of its metrics. */
const resumedWithout = async (ground: Ground): Promise<string | undefined> => {
  const run = await newRun(ground, "logs-resumed-without");
  await start(training(ground, run), {
    onTold: ({ kind, step }, running) => {
      if (kind === "step" && step === 13) running.kill("SIGKILL");
    },
  }).ended;
  for (const name of ["metrics.jsonl", "env.json"]) {
    rmSync(join(run, name), { force: true });
    mkdirSync(join(run, name));
  }
  return judged(ground, run, await start(training(ground, run)).ended, 0);
};

/** The report and the summary cannot be written: the run says that it is trained, and writes them when it is started again. */
const withoutReport = async (ground: Ground): Promise<string | undefined> => {
  const run = await newRun(ground, "logs-without-report");
  const names = ["report.html", "summary.json"].map((name) => join(run, name));
  for (const name of names) mkdirSync(join(name, "in the way"), { recursive: true });
  const ended = await start(training(ground, run)).ended;
  const wrong = await judged(ground, run, ended, 2);
  if (wrong !== undefined) return wrong;
  if (!ended.error.includes("the training is complete and saved")) return `it did not say that it is trained: ${ended.error}`;
  for (const name of names) await rm(name, { recursive: true });
  const again = await start(training(ground, run)).ended;
  const missing = await Promise.all(
    names.map((name) =>
      access(name).then(
        () => [],
        () => [name],
      ),
    ),
  );
  return again.code === 0 ? missing.flat().map((name) => `${name} was not written`)[0] : saidBy(again);
};

/** Files of the run that are there for people and programs to read, but that training does not need. */
export const logs: Trial = {
  name: "logs",
  promise: "metrics, events, report and output that cannot be written, or are taken away, never stop training",
  run: async (ground) => {
    if (process.platform === "win32") return { skipped: "this system has no /dev/full" };
    await ground.whole();
    const wrong: string[] = [];
    const ways = { unwritable, "taken away": takenAway, "resumed without": resumedWithout, "no report": withoutReport };
    for (const [name, way] of Object.entries(ways)) {
      const problem = await way(ground);
      if (problem !== undefined) wrong.push(`${name}: ${problem}`);
    }
    return finding(Object.keys(ways).length, Object.keys(ways).join(", "), wrong);
  },
};
