import { start } from "./command.ts";
import { training } from "./small-run.ts";
import { changedCheckpoint, endedSame, endedUnsaved, runWithCheckpoint } from "./spoiled.ts";
import { finding, type Trial } from "./trial.ts";

/** Blocks of 512 or 1024 bytes, as the shell has it: less than the file of an encoder, more than the logs. */
const blocks = 1200;

/** A limit on the size of files (RLIMIT_FSIZE) that no checkpoint fits in. */
export const quota: Trial = {
  name: "quota",
  promise: "a file size limit: training goes on and tells, the last checkpoint stays, and without the limit the run ends in the same bits",
  run: async (ground) => {
    if (process.platform === "win32") return { skipped: "this system has no ulimit" };
    const { run, copy } = await runWithCheckpoint(ground, "quota");
    const limited = await start(["sh", "-c", `ulimit -f ${blocks} && exec "$@"`, "sh", ...training(ground, run)]).ended;
    const wrong = [...endedUnsaved(limited, /cannot save the checkpoint: the file is larger/), ...(await changedCheckpoint(run, copy))];
    const after = await start(training(ground, run)).ended;
    wrong.push(...(await endedSame(ground, after, run)));
    return finding(1, "no checkpoint could be saved under the limit", wrong);
  },
};
