import { readdir } from "node:fs/promises";
import { childrenOf, type Ended, isAlive, type Running, start, stepsTold } from "./command.ts";
import type { Ground } from "./ground.ts";
import { difference, newRun, saidBy, traceOf, training } from "./small-run.ts";

/** What a fault does with a command that has just been started. `told`: the newest checkpoint that an earlier life announced. */
export type Strike = (
  running: Running,
  at: { readonly run: string; readonly told: number; readonly onStep: (listen: (step: number) => void) => void },
) => void;

/** How a life ended, as the trial that struck it judges it; undefined where it is as it should be. */
export type Verdict = (ended: Ended) => string | undefined;

/** Runs of the small run, one after the other, each ended by faults again and again until it comes to its own end. */
export interface Lives {
  /** Starts the run where it stands, or a new one, and gives how it ended; the same command each time, nobody steps in. */
  readonly live: (strike: Strike, verdict: Verdict) => Promise<Ended>;
  /** Lets the run come to its end, undisturbed. */
  readonly finish: () => Promise<void>;
  readonly problems: readonly string[];
  /** Adds a problem that the trial found. */
  readonly complain: (text: string) => void;
  /** Runs that came to their end, bit for bit as the undisturbed one. */
  readonly finished: () => number;
  /** Lives that went on from a checkpoint. */
  readonly resumed: () => number;
}

const resumeStep = (ended: Ended): number | undefined => {
  const note = ended.told.find(({ kind, text }) => kind === "note" && text?.startsWith("resuming at step "));
  return note === undefined ? undefined : Number(/\d+/.exec(note.text ?? "")?.[0]);
};

const leftovers = async (run: string): Promise<readonly string[]> =>
  (await readdir(run, { recursive: true })).filter((name) => /\.(partial|replaced|draft)$|run\.lock/.test(name));

/** Starts a chain of lives; its runs are folders of this name and a number. */
export const openLives = (ground: Ground, name: string): Lives => {
  const problems: string[] = [];
  let [count, finished, resumed, told] = [0, 0, 0, 0];
  let run: string | undefined;
  let engines: readonly number[] = [];

  const judge = async (ended: Ended, folder: string, verdict: Verdict): Promise<void> => {
    const from = resumeStep(ended);
    if (from !== undefined) resumed++;
    if (from !== undefined && from < told) problems.push(`resumed at step ${from}, the checkpoint of step ${told} had been announced`);
    if (from === undefined && told > 0 && stepsTold(ended, "step").length > 0) problems.push(`began anew, step ${told} was saved`);
    const damage = ended.told.find(({ kind, text }) => kind === "warning" && text?.startsWith("passing over"));
    if (damage?.text !== undefined) problems.push(damage.text);
    told = Math.max(told, ...stepsTold(ended, "checkpoint"));
    const wrong = verdict(ended);
    if (wrong !== undefined) problems.push(wrong);
    if (ended.code !== 0) return;
    finished++;
    const differs = difference(await traceOf(folder), await ground.whole());
    if (differs !== undefined) problems.push(differs);
    const left = await leftovers(folder);
    if (left.length > 0) problems.push(`left behind: ${left.join(", ")}`);
    run = undefined;
  };

  const live: Lives["live"] = async (strike, verdict) => {
    await ground.whole();
    if (run === undefined) {
      run = await newRun(ground, `${name}-${count++}`);
      told = 0;
    }
    const folder = run;
    const listeners: ((step: number) => void)[] = [];
    const running = start(training(ground, folder), {
      onTold: ({ kind, step }) => {
        if (kind === "step" && step !== undefined) for (const listen of listeners) listen(step);
      },
    });
    const { kill } = running;
    const watched: Running = {
      ...running,
      kill: (signal) => {
        engines = childrenOf(running.pid) ?? [];
        kill(signal);
      },
    };
    strike(watched, { run: folder, told, onStep: (listen) => void listeners.push(listen) });
    const ended = await running.ended;
    await judge(ended, folder, verdict);
    return ended;
  };

  const finish = async (): Promise<void> => {
    if (run === undefined) return;
    const ended = await live(
      () => {},
      (end) => (end.code === 0 ? undefined : saidBy(end)),
    );
    if (ended.code === 0 && engines.some(isAlive)) problems.push(`the computing process ${engines.find(isAlive)} outlived its parent`);
  };

  return { live, finish, problems, complain: (text) => void problems.push(text), finished: () => finished, resumed: () => resumed };
};
