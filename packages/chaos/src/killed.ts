import { existsSync, readdirSync, watch } from "node:fs";
import type { Ended, Running } from "./command.ts";
import { checkpointsOf, openLives, type Strike } from "./lives.ts";
import { saidBy, steps } from "./small-run.ts";
import type { Trial } from "./trial.ts";

const partial = /^step-(\d+)\.partial$/;

/** The steps of checkpoints that were being written, newer than `told`. */
const halfWritten = (run: string, told: number): readonly number[] =>
  (existsSync(checkpointsOf(run)) ? readdirSync(checkpointsOf(run)) : [])
    .map((name) => Number(partial.exec(name)?.[1] ?? 0))
    .filter((step) => step > told);

/** Kills when a checkpoint newer than `told` begins to be written, a moment later. */
const inWriter =
  (milliseconds: number): Strike =>
  (running, { run, told }) => {
    const watcher = watch(checkpointsOf(run), (_, name) => {
      if (Number(partial.exec(name ?? "")?.[1] ?? 0) <= told) return;
      watcher.close();
      setTimeout(() => running.kill("SIGKILL"), milliseconds);
    });
    void running.ended.finally(() => watcher.close());
  };

/** Kills some time after the start. */
const after =
  (milliseconds: number): Strike =>
  (running) => {
    const timer = setTimeout(() => running.kill("SIGKILL"), milliseconds);
    void running.ended.finally(() => clearTimeout(timer));
  };

/** Strikes a moment after a step was told. */
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

const orderly = (ended: Ended): string | undefined => (ended.code === 0 || ended.signal === "SIGKILL" ? undefined : saidBy(ended));

/**
 * SIGKILL of a run at random moments: of its whole life, between two steps, and while it writes a checkpoint. The same command again
 * always goes on, at the newest checkpoint that was announced or a later one, and ends in the same losses and weights.
 * `writing`: at how many moments, at least, a checkpoint must have been half written.
 */
export const killed = ({ times, writing }: { readonly times: number; readonly writing: number }): Trial => ({
  name: "killed",
  promise: "killed at any moment, the same command goes on, and ends in the same bits",
  run: async (ground) => {
    const { seconds, saveSeconds } = await ground.whole();
    const lives = openLives(ground, "killed");
    let [kills, torn, told] = [0, 0, 0];
    const strike = (): Strike => {
      const left = writing - torn;
      if (left > 0 && ground.random() < Math.max(0.5, left / Math.max(1, times - kills)))
        return inWriter(1000 * saveSeconds * ground.random());
      if (ground.random() < 0.4) return after(1000 * seconds * ground.random());
      return afterStep(told + Math.floor((steps - told) * ground.random()), 20 * ground.random(), "SIGKILL");
    };
    const hit = (running: Running, run: string, newest: number): void => {
      void running.ended.then(({ signal }) => {
        if (signal !== "SIGKILL") return;
        kills++;
        if (halfWritten(run, newest).length > 0) torn++;
      });
    };
    while ((kills < times || torn < writing) && lives.problems.length < 3 && kills < 3 * times) {
      const chosen = strike();
      const ended = await lives.live((running, at) => {
        hit(running, at.run, at.told);
        chosen(running, at);
      }, orderly);
      told = ended.code === 0 ? 0 : Math.max(told, ...ended.told.filter(({ kind }) => kind === "checkpoint").map(({ step = 0 }) => step));
    }
    await lives.finish();
    const found = `${kills} kills, ${torn} while a checkpoint was half written; ${lives.resumed()} times it went on, ${lives.finished()} runs ended in the same bits`;
    const missing = torn < writing ? [`only ${torn} of ${writing} kills met a half-written checkpoint`] : [];
    const wrong = [...lives.problems, ...missing];
    return { tried: kills, held: Math.max(0, kills - wrong.length), found: [found, ...wrong].join("; ") };
  },
});
