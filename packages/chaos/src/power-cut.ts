import { cleanLeftovers, latestCheckpoint, leftByPowerCut, memoryDisk, prune, saveCheckpoint, type Tree } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import { diskWith, madeContent, madeRun } from "./made-checkpoint.ts";
import type { Trial } from "./trial.ts";

/** The step of the checkpoint that a run finds which starts on such a disk. */
const foundOn = async (tree: Tree): Promise<number | string | undefined> => {
  const { disk } = memoryDisk(tree);
  await cleanLeftovers(madeRun, disk);
  const latest = await latestCheckpoint(madeRun, disk)();
  if (latest._tag === "Left") return latest.left.what;
  return latest.right.warnings[0] ?? latest.right.checkpoint?.step;
};

/**
 * The power cut after each operation of the writer, and inside each write: with all that was not flushed lost in any combination, or
 * torn at any page. The next start finds the old checkpoint or the new one, without a warning.
 */
export const powerCut = ({ bytes }: { readonly bytes: number }): Trial => ({
  name: "power cut",
  promise: "a power cut at any moment of a save leaves the old or the new checkpoint, whatever was not yet flushed is lost or torn",
  run: async () => {
    let [tried, operationCount] = [0, 0];
    const wrong: string[] = [];
    for (const [before, step] of [
      [[1], 2],
      [[1, 2], 3],
      [[1, 2], 2],
    ] as const) {
      const tree = await diskWith(bytes >> 2, ...before);
      const { disk, operations } = memoryDisk(tree);
      await unwrap(saveCheckpoint({ runDir: madeRun, ...madeContent(step, bytes >> 2) }, disk));
      await unwrap(prune(madeRun, 2, disk));
      operationCount += operations.length;
      for (let length = 0; length <= operations.length; length++) {
        for (const left of leftByPowerCut(tree, operations.slice(0, length))) {
          tried++;
          const found = await foundOn(left);
          if (found !== before.at(-1) && found !== step) wrong.push(`operation ${length} of saving step ${step}: ${found}`);
        }
      }
    }
    const found = `${tried} states after ${operationCount} operations of the writer`;
    return { tried, held: tried - wrong.length, found: [found, ...wrong.slice(0, 3)].join("; ") };
  },
});
