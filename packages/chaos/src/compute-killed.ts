import { childrenOf, stepsTold } from "./command.ts";
import { openLives } from "./lives.ts";
import { saidBy, steps } from "./small-run.ts";
import { afterStep } from "./strikes.ts";
import { finding, type Trial } from "./trial.ts";

/** SIGKILL of the computing process, which is what a system does that runs out of memory: the run ends with exit code 2 and says what to do. */
export const computeKilled = ({ times }: { readonly times: number }): Trial => ({
  name: "compute killed",
  promise: "the computing process killed: one message with step, memory and a smaller batch; the same command goes on, in the same bits",
  run: async (ground) => {
    if (childrenOf(process.pid) === undefined) return { skipped: "this system does not tell the children of a process (/proc)" };
    const lives = openLives(ground, "compute-killed");
    let [kills, next] = [0, 0];
    while (kills < times && lives.problems.length < 3) {
      const at = next + Math.floor((steps - 2 - next) * ground.random());
      const ended = await lives.live(
        (running, place) => {
          const kill = (): void => {
            const [engine] = childrenOf(running.pid) ?? [];
            if (engine !== undefined) process.kill(engine, "SIGKILL");
          };
          afterStep(at, 20 * ground.random(), "SIGKILL")({ ...running, kill }, place);
        },
        (end) => {
          if (end.code === 0) return undefined;
          const explained =
            /killed at step \d+: most likely the memory ran out/.test(end.error) && /microBatch=\d+|--batch \d+/.test(end.error);
          return end.code === 2 && explained ? undefined : saidBy(end);
        },
      );
      if (ended.code !== 0) kills++;
      next = ended.code === 0 ? 0 : Math.max(next, ...stepsTold(ended, "checkpoint"));
    }
    await lives.finish();
    const found = `${kills} kills; ${lives.resumed()} times it went on, ${lives.finished()} runs ended in the same bits`;
    return finding(kills, found, lives.problems);
  },
});
