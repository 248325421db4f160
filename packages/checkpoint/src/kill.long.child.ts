import { argv } from "node:process";
import { nodeDisk } from "./disk.ts";
import { cleanLeftovers } from "./folder.ts";
import { latestCheckpoint, prune } from "./load.ts";
import { lockRun } from "./lock.ts";
import { saveCheckpoint } from "./save.ts";

/** A run that does nothing but save and prune, from the newest checkpoint on, until it is killed. */
const main = async (runDir: string): Promise<void> => {
  const lock = await lockRun(runDir)();
  if (lock._tag === "Left") throw new Error(lock.left.what);
  await cleanLeftovers(runDir, nodeDisk);
  const latest = await latestCheckpoint(runDir)();
  if (latest._tag === "Left") throw new Error(latest.left.what);
  process.stdout.write(`resumed ${latest.right.checkpoint?.step ?? 0} after ${latest.right.warnings.length} warnings\n`);
  for (let step = (latest.right.checkpoint?.step ?? 0) + 1; ; step++) {
    const data = new Float32Array(50_000).fill(step);
    const saved = await saveCheckpoint({
      runDir,
      step,
      groups: { online: new Map([["w", { shape: [50_000], dtype: "float32", data }]]) },
      progress: { step },
    })();
    if (saved._tag === "Left") throw new Error(saved.left.what);
    process.stdout.write(`saved ${step}\n`);
    await prune(runDir, 2)();
  }
};

await main(argv[2] as string);
