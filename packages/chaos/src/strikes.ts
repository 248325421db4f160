import { existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { checkpointsFolder } from "@twinview/checkpoint";
import type { Strike } from "./lives.ts";

const partial = /^step-(\d+)\.partial$/;
const whole = /^step-(\d+)$/;

const stepIn = (name: string, pattern: RegExp): number => Number(pattern.exec(name)?.[1] ?? 0);

/** Whether a checkpoint was being written: a part of one lies there that is newer than all that are whole. */
export const isHalfWritten = (run: string): boolean => {
  const names = existsSync(checkpointsFolder(run)) ? readdirSync(checkpointsFolder(run)) : [];
  const newest = (pattern: RegExp): number => Math.max(0, ...names.map((name) => stepIn(name, pattern)));
  return newest(partial) > newest(whole);
};

/** Kills when a new checkpoint is being written: after so many changes of its folder, of which each of its files makes about two. */
export const inWriter =
  (changes: number): Strike =>
  (running, { run, told }) => {
    let newest = told;
    let left = changes;
    const watchers: FSWatcher[] = [];
    const close = (): void => {
      for (const watcher of watchers) watcher.close();
    };
    const strike = (): void => {
      close();
      running.kill("SIGKILL");
    };
    const count = (): void => {
      if (left-- <= 0) strike();
    };
    const follow = (name: string | null): void => {
      newest = Math.max(newest, stepIn(name ?? "", whole));
      if (stepIn(name ?? "", partial) <= newest) return; // an old one, on its way out
      try {
        if (left > 0) watchers.push(watch(join(checkpointsFolder(run), name ?? ""), count));
        else strike();
      } catch {
        strike(); // it is whole by now
      }
    };
    watchers.push(watch(checkpointsFolder(run), (_, name) => follow(name)));
    void running.ended.finally(close);
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
