import { type Ended, type Running, stepsTold } from "./command.ts";
import { openLives, type Strike } from "./lives.ts";
import { saidBy, steps } from "./small-run.ts";
import { after, afterStep, inWriter, isHalfWritten } from "./strikes.ts";
import { finding, type Trial } from "./trial.ts";

/** How often the folder of a checkpoint of five files changes while it is written. */
const changesOfSave = 10;

const orderly = (ended: Ended): string | undefined => (ended.code === 0 || ended.signal === "SIGKILL" ? undefined : saidBy(ended));

/**
 * SIGKILL of a run at random moments: of its whole life, between two steps, and while it writes a checkpoint. The same command again
 * always goes on, at the newest checkpoint that was announced or a later one, and ends in the same losses and weights.
 * `writing`: in how many of them a checkpoint is to be half written; it is tried until they are, at most three times as often as asked.
 */
export const killed = ({ times, writing }: { readonly times: number; readonly writing: number }): Trial => ({
  name: "killed",
  promise: "killed at any moment, the same command goes on, and ends in the same bits",
  run: async (ground) => {
    const { seconds } = await ground.whole();
    const lives = openLives(ground, "killed");
    let [kills, torn, told] = [0, 0, 0];
    const strike = (): Strike => {
      const left = writing - torn;
      if (left > 0 && ground.random() < Math.max(0.5, left / Math.max(1, times - kills)))
        return inWriter(Math.floor(changesOfSave * ground.random()));
      if (ground.random() < 0.4) return after(1000 * seconds * ground.random());
      return afterStep(told + Math.floor((steps - told) * ground.random()), 20 * ground.random(), "SIGKILL");
    };
    const hit = (running: Running, run: string): void => {
      void running.ended.then(({ signal }) => {
        if (signal !== "SIGKILL") return;
        kills++;
        if (isHalfWritten(run)) torn++;
      });
    };
    while ((kills < times || torn < writing) && lives.problems.length < 3 && kills < 3 * times) {
      const chosen = strike();
      const ended = await lives.live((running, at) => {
        hit(running, at.run);
        chosen(running, at);
      }, orderly);
      told = ended.code === 0 ? 0 : Math.max(told, ...stepsTold(ended, "checkpoint"));
    }
    await lives.finish();
    const found = `${kills} kills, ${torn} while a checkpoint was half written; ${lives.resumed()} times it went on, ${lives.finished()} runs ended in the same bits`;
    return finding(kills, found, lives.problems);
  },
});
