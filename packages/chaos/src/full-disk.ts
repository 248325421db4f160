import { cp, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { start } from "./command.ts";
import { noMounts, ownMounts } from "./own-mounts.ts";
import { training } from "./small-run.ts";
import { changedCheckpoint, endedSame, endedUnsaved, runWithCheckpoint } from "./spoiled.ts";
import { finding, type Trial } from "./trial.ts";

/** Room beside what is there: enough for logs, too little for another checkpoint. */
const roomBytes = 3e6;

const sizeOf = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(entries.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
};

/** The run's folder becomes a small disk; the command runs until it is full, then again after the disk has grown. */
const script = `
run=$1 size=$2 full=$3 after=$4; shift 4
cp -a "$run/." "$full.start" && mount -t tmpfs -o "size=$size" none "$run" && cp -a "$full.start/." "$run" || exit 99
"$@"; echo "{\\"kind\\":\\"ended\\",\\"step\\":$?}"
cp -a "$run/." "$full"
mount -o remount,size=256m "$run" || exit 98
"$@"; code=$?
cp -a "$run/." "$after"
exit $code`;

/** A disk that is full, and later has room again. */
export const fullDisk: Trial = {
  name: "full disk",
  promise: "a full disk: training goes on and tells, the last checkpoint stays, and with room again the run ends in the same bits",
  run: async (ground) => {
    const prefix = await ownMounts(ground);
    if (prefix === undefined) return { skipped: noMounts };
    const { run, copy } = await runWithCheckpoint(ground, "full-disk");
    const [full, after] = [`${run}-full`, `${run}-after`];
    const size = Math.round((await sizeOf(run)) + roomBytes);
    const ended = await start([...prefix, "sh", "-c", script, "sh", run, String(size), full, after, ...training(ground, run)]).ended;
    const cut = ended.told.findIndex(({ kind }) => kind === "ended");
    if (cut < 0) throw new Error(`the small disk could not be made: ${ended.error}`);
    const first = { ...ended, code: ended.told[cut]?.step ?? null, told: ended.told.slice(0, cut) };
    const wrong = [
      ...endedUnsaved(first, /cannot save the checkpoint: the disk is full[\s\S]*got: [\d.]+ MB free/),
      ...(await changedCheckpoint(full, copy)),
      ...(await endedSame(ground, ended, after)),
    ];
    await cp(after, run, { recursive: true });
    const found = `a disk with ${(roomBytes / 1e6).toFixed(0)} MB of room, then with enough`;
    return finding(1, found, wrong);
  },
};
