import { stepsTold } from "./command.ts";
import { openLives } from "./lives.ts";
import { saidBy, steps } from "./small-run.ts";
import { afterStep } from "./strikes.ts";
import { finding, type Trial } from "./trial.ts";

/**
 * SIGTERM at random moments: the step in progress is finished or left out, a checkpoint saved, exit code 143; the same command goes on
 * at the very next step.
 */
export const stopped = ({ times }: { readonly times: number }): Trial => ({
  name: "stopped",
  promise: "SIGTERM saves and ends with 143; the same command goes on at the next step, and ends in the same bits",
  run: async (ground) => {
    const lives = openLives(ground, "stopped");
    let [stops, next, slowest] = [0, 0, 0];
    while (stops < times && lives.problems.length < 3) {
      const at = next + Math.floor((steps - 1 - next) * 0.7 * ground.random());
      let asked = 0;
      const ended = await lives.live(
        (running, place) => {
          const kill: typeof running.kill = (signal) => {
            asked = performance.now();
            running.kill(signal);
          };
          afterStep(at, 20 * ground.random(), "SIGTERM")({ ...running, kill }, place);
        },
        (end) => {
          if (end.code === 0 || end.code === 143) return undefined;
          return saidBy(end);
        },
      );
      if (ended.code === 0) {
        next = 0;
        continue;
      }
      stops++;
      slowest = Math.max(slowest, performance.now() - asked);
      const done = 1 + Math.max(-1, ...stepsTold(ended, "step"));
      next = Math.max(next, done);
      if (!ended.error.includes(`stopped before step ${next + 1};`)) lives.complain(`step ${next} was told, then: ${ended.error.trim()}`);
    }
    await lives.finish();
    const found = `${stops} stops, the slowest took ${slowest.toFixed(0)} ms; ${lives.finished()} runs ended in the same bits`;
    return finding(stops, found, lives.problems);
  },
});
