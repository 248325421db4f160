import { chmod } from "node:fs/promises";
import { checkpointsFolder } from "@twinview/checkpoint";
import { type Ended, start } from "./command.ts";
import type { Ground } from "./ground.ts";
import { noMounts, ownMounts } from "./own-mounts.ts";
import { saidBy, training } from "./small-run.ts";
import { changedCheckpoint, contentOf, endedSame, endedUnsaved, runWithCheckpoint } from "./spoiled.ts";
import { finding, type Trial } from "./trial.ts";

const readOnlyMount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';

/** Runs a command while a folder cannot be written to: by a mount of its own, or by permissions, which do not hold root back. */
const withReadOnly = async (ground: Ground, folder: string, argv: readonly string[]): Promise<Ended | undefined> => {
  const prefix = await ownMounts(ground);
  if (prefix !== undefined) return start([...prefix, "sh", "-c", readOnlyMount, folder, ...argv]).ended;
  if (process.platform === "win32" || process.getuid?.() === 0) return undefined;
  await chmod(folder, 0o555);
  try {
    return await start(argv).ended;
  } finally {
    await chmod(folder, 0o755);
  }
};

/** A run's folder that cannot be written to from the start: nothing begins. Its checkpoints folder alone: training goes on without saving. */
export const readOnly: Trial = {
  name: "read-only",
  promise:
    "a read-only folder: refused at once, or trained on and told; the last checkpoint stays; writable again, it ends in the same bits",
  run: async (ground) => {
    const { run, copy } = await runWithCheckpoint(ground, "read-only");
    const refused = await withReadOnly(ground, run, training(ground, run));
    const unsaved = refused && (await withReadOnly(ground, checkpointsFolder(run), training(ground, run)));
    if (refused === undefined || unsaved === undefined) return { skipped: `${noMounts}; root is not held back by permissions` };
    const why = /(read-only|permission denied)/;
    const wrong = [
      ...(refused.code === 2 && why.test(refused.error) ? [] : [saidBy(refused)]),
      ...endedUnsaved(unsaved, new RegExp(`cannot save the checkpoint: .*${why.source}`)),
      ...(await changedCheckpoint(run, copy)),
    ];
    if ((await contentOf(checkpointsFolder(run))).size !== (await contentOf(checkpointsFolder(copy))).size)
      wrong.push("files have come or gone");
    wrong.push(...(await endedSame(ground, await start(training(ground, run)).ended, run)));
    return finding(2, "the run's folder, then only its checkpoints", wrong);
  },
};
