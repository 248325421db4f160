import { existsSync, readdirSync, watch } from "node:fs";
import { checkpointsOf, type Strike } from "./lives.ts";

const partial = /^step-(\d+)\.partial$/;
const whole = /^step-(\d+)$/;

const stepIn = (name: string, pattern: RegExp): number => Number(pattern.exec(name)?.[1] ?? 0);

/** Whether a checkpoint was being written: a part of one lies there that is newer than all that are whole. */
export const isHalfWritten = (run: string): boolean => {
  const names = existsSync(checkpointsOf(run)) ? readdirSync(checkpointsOf(run)) : [];
  const newest = (pattern: RegExp): number => Math.max(0, ...names.map((name) => stepIn(name, pattern)));
  return newest(partial) > newest(whole);
};

/** Kills some milliseconds after a new checkpoint began to be written. */
export const inWriter =
  (milliseconds: number): Strike =>
  (running, { run, told }) => {
    let newest = told;
    const watcher = watch(checkpointsOf(run), (_, name) => {
      newest = Math.max(newest, stepIn(name ?? "", whole));
      if (stepIn(name ?? "", partial) <= newest) return; // an old one, on its way out
      watcher.close();
      setTimeout(() => running.kill("SIGKILL"), milliseconds);
    });
    void running.ended.finally(() => watcher.close());
  };

/** Kills some time after the start, in milliseconds. */
export const after =
  (milliseconds: number): Strike =>
  (running) => {
    const timer = setTimeout(() => running.kill("SIGKILL"), milliseconds);
    void running.ended.finally(() => clearTimeout(timer));
  };

/** Sends a signal some milliseconds after a step, or a later one, was told. */
export const afterStep =
  (step: number, milliseconds: number, signal: NodeJS.Signals): Strike =>
  (running, { onStep }) => {
    let struck = false;
    onStep((now) => {
      if (struck || now < step) return;
      struck = true;
      setTimeout(() => running.kill(signal), milliseconds);
    });
  };
