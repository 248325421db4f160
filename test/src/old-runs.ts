import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { orThrow } from "@twinview/config";
import { simclrApp } from "@twinview/simclr";
import { storedRun } from "@twinview/train";
import { linesOf, trainIn } from "./guarded-run.ts";
import { root } from "./source-tree.ts";

/** Half of a run of eight steps, as each released version left it: a folder for each, by its number. */
export const oldRuns = join(root, "test/golden/old-runs");

/** The step after which the recorded half ends, and the steps of the whole run. */
export const half = 4;
export const steps = 8;
export const images = 64;

/** What the version that began the run gave for its second half. */
export interface Expected {
  readonly losses: readonly number[];
}

/** The versions whose runs are kept. */
export const versions = (): readonly string[] => readdirSync(oldRuns);

export const expectedOf = (version: string): Expected =>
  JSON.parse(readFileSync(join(oldRuns, version, "expected.json"), "utf8")) as Expected;

/** The losses of a run's second half, from its metrics. */
export const secondHalf = (folder: string): Expected => ({
  losses: linesOf(join(folder, "metrics.jsonl")).flatMap(({ kind, step, loss }) =>
    kind === "step" && (step as number) >= half ? [loss as number] : [],
  ),
});

/** Lets the run of a version go on in another folder. */
export const goOn = async (version: string, folder: string): Promise<Expected> => {
  cpSync(join(oldRuns, version), folder, { recursive: true });
  const { config, configPath } = await storedRun({ simclr: simclrApp }, folder);
  await trainIn(folder, orThrow(simclrApp.restore(config, configPath, images)));
  return secondHalf(folder);
};
