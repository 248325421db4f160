import { type Running, start } from "./command.ts";
import { newRun, saidBy, training } from "./small-run.ts";
import type { Trial } from "./trial.ts";

const refusal = /another run \(process \d+\) is using this folder/;

/** Several starts of one run at the same moment, the folder's lock that of a process which was killed: one trains, the others are refused. */
export const rivals = ({ times }: { readonly times: number }): Trial => ({
  name: "rivals",
  promise: "of commands that start in one folder at once, exactly one runs, and the others say which process holds it",
  run: async (ground) => {
    await ground.whole();
    const run = await newRun(ground, "rivals");
    const argv = training(ground, run, 3000);
    const dead = start(argv, {
      onTold: ({ kind }, running) => {
        if (kind === "step") running.kill("SIGKILL");
      },
    });
    await dead.ended;
    const winners: Running[] = [];
    const onTold = ({ kind }: { readonly kind: string }, running: Running): void => {
      if (kind === "step" && !winners.includes(running)) winners.push(running);
    };
    const all = Array.from({ length: times }, () => start(argv, { onTold }));
    const losers = await new Promise<number>((resolve) => {
      let ended = 0;
      for (const { ended: end } of all)
        void end.then(() => {
          if (++ended === times - 1) resolve(ended);
        });
    });
    for (const { kill } of all) kill("SIGTERM");
    const ends = await Promise.all(all.map(({ ended }) => ended));
    const refused = ends.filter(({ code, error }) => code === 2 && refusal.test(error)).length;
    const odd = ends.find(({ code, error }) => code !== 143 && !(code === 2 && refusal.test(error)));
    const held = winners.length === 1 && refused === times - 1 && losers === times - 1;
    const found = `${times} starts over the lock of a killed run: ${winners.length} trained, ${refused} refused`;
    return { tried: 1, held: held ? 1 : 0, found: [found, ...(odd === undefined ? [] : [saidBy(odd)])].join("; ") };
  },
});
