import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanLeftovers } from "./folder.ts";
import { latestCheckpoint, prune } from "./load.ts";
import { memoryDisk, type Tree } from "./memory-disk.ts";
import { saveCheckpoint } from "./save.ts";

type Action =
  | { readonly do: "save"; readonly failAt: number | undefined }
  | { readonly do: "prune"; readonly keep: number; readonly failAt: number | undefined }
  | { readonly do: "damage newest" }
  | { readonly do: "restart" };

const failAt = fc.option(fc.nat(20), { nil: undefined });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("save" as const), failAt }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("prune" as const), keep: fc.integer({ min: -1, max: 3 }), failAt }) },
  { weight: 1, arbitrary: fc.constant({ do: "damage newest" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "restart" as const }) },
);

const runDir = "/run";
const wholeManifest = /\/step-\d+\/manifest\.json$/; // not of a folder on its way in or out

/** Runs the model: which saves succeeded and were not damaged since is all it knows. */
const play = async (actions: readonly Action[]): Promise<void> => {
  let tree: Tree = new Map();
  let step = 0;
  const damaged = new Set<number>();
  let saved = 0;
  for (const move of actions) {
    const memory = memoryDisk(tree, "failAt" in move ? move.failAt : undefined);
    if (move.do === "save") {
      step++;
      const result = await saveCheckpoint({ runDir, step, groups: {}, progress: step }, memory.disk)();
      if (result._tag === "Right") saved = step;
    } else if (move.do === "prune") await prune(runDir, move.keep, memory.disk)();
    else if (move.do === "restart") await cleanLeftovers(runDir, memory.disk);
    tree = memory.state();
    const latest = await latestCheckpoint(runDir, memoryDisk(tree).disk)();
    const newest = latest._tag === "Right" ? latest.right.checkpoint?.step : undefined;
    if (
      move.do === "damage newest" &&
      newest !== undefined &&
      [...tree.keys()].filter((name) => wholeManifest.test(name)).length > 1 + damaged.size
    ) {
      tree = new Map([...tree, [`/run/checkpoints/step-${String(newest).padStart(6, "0")}/progress.json`, new Uint8Array(1)]]);
      damaged.add(newest);
    } else if (saved > 0) expect(newest, JSON.stringify(actions)).toBeGreaterThan(0);
  }
};

test("after the first save there is always a good checkpoint, whatever is saved, failed, pruned, damaged or restarted", async () => {
  const cutPrune: Action[] = [
    ...Array.from({ length: 2 }, (): Action => ({ do: "save", failAt: undefined })),
    { do: "prune", keep: 0, failAt: 2 },
    { do: "damage newest" },
    { do: "save", failAt: 0 },
  ];
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 15 }), play), { numRuns: 1000, examples: [[cutPrune]] });
});
