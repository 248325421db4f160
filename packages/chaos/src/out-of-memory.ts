import { type Ended, start } from "./command.ts";
import type { Ground } from "./ground.ts";
import { memoryGroup } from "./memory-group.ts";
import { newRun, picturesOf, saidBy } from "./small-run.ts";
import type { Trial } from "./trial.ts";

/** Room for twinview and a step cut into parts, not for the whole step. */
const limitBytes = 640e6;
const mostTries = 4;

const sets = ["image=64", "backbone.patch=8", "heads.hidden=64", "heads.out=16", "knn.everyEpochs=100", "checkpoint.everySteps=1"];

const large = (ground: Ground, run: string, advised: readonly string[]): readonly string[] => [
  ...ground.program,
  ...["train", "moco-v3", "--data", picturesOf(ground), "--epochs", "2", "--batch", "36", "--threads", "1", "--json", "--out", run],
  ...[...sets, ...advised].flatMap((text) => ["--set", text]),
];

/** The micro-batch that the message of a killed run advises. */
const adviceIn = (error: string): string | undefined => /--set (microBatch=\d+)/.exec(error)?.[1];

const isExplained = ({ code, error }: Ended): boolean =>
  code === 2 &&
  /killed at step \d+: most likely the memory ran out/.test(error) &&
  /needs about [\d.]+ [MG]iB/.test(error) &&
  adviceIn(error) !== undefined;

/** A step that does not fit into the memory of a control group: the system kills the computing process, and the advice is followed until it fits. */
export const outOfMemory: Trial = {
  name: "out of memory",
  promise: "killed for its memory, the run says at which step, how much it needs and what fits; with that advice the same command ends",
  run: async (ground) => {
    await ground.whole();
    const group = await memoryGroup(limitBytes);
    if (group === undefined)
      return { skipped: "a control group with a memory limit cannot be made here: needs Linux and the right to make one" };
    try {
      const run = await newRun(ground, "out-of-memory");
      const advice: string[] = [];
      for (;;) {
        const { prefix } = group;
        const ended = await start([...prefix, ...large(ground, run, advice.slice(-1))]).ended;
        if (ended.code === 0) break;
        const next = adviceIn(ended.error);
        if (!isExplained(ended) || next === undefined || advice.length === mostTries)
          return { tried: 1, held: 0, found: `after ${advice.length} advices: ${saidBy(ended)}` };
        advice.push(next);
      }
      const found = `in ${(limitBytes / 1e6).toFixed(0)} MB: killed ${advice.length} times, it ended with ${advice.at(-1) ?? "no advice"}`;
      return { tried: 1, held: advice.length > 0 ? 1 : 0, found };
    } finally {
      await group.remove();
    }
  },
};
