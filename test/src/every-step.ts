import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointsFolder, stepName } from "@twinview/checkpoint";
import type { App } from "@twinview/train";
import { linesOf, trainIn } from "./guarded-run.ts";
import { planSmall } from "./small-run.ts";

/** Twelve steps, one and a half epochs of eight. */
export const steps = 12;

/** A run that is resumed at each of its steps. */
export interface EveryStep {
  readonly app: App;
  readonly backbone: "vit-mini" | "resnet-18";
  readonly set?: readonly string[];
  readonly workers: number;
}

const sizes = { "vit-mini": ["backbone.patch=8"], "resnet-18": ["backbone.width=4", "backbone.stem=large"] } as const;

const planned = ({ app, backbone, set = [] }: EveryStep) =>
  planSmall(app, { batch: 8, epochs: steps / 8, backbone }, [
    ...sizes[backbone],
    ...["heads.hidden=8", "heads.out=4", "knn.everyEpochs=10", "checkpoint.everySteps=1", `checkpoint.keep=${steps}`],
    ...set,
  ]);

const checkpointAt = (run: string, step: number): string => join(checkpointsFolder(run), stepName(step));

const hashesOf = (run: string): readonly string[] => {
  const folder = checkpointAt(run, steps);
  const names = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  return names.sort().map(
    (name) =>
      `${name} ${createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex")}`,
  );
};

/** What was recorded, and the weights at the end. */
export interface Outcome {
  readonly records: ReturnType<typeof linesOf>;
  readonly weights: readonly string[];
}

const outcomeOf = (run: string): Outcome => ({ records: linesOf(join(run, "metrics.jsonl")), weights: hashesOf(run) });

/** The run from beginning to end in a folder; it keeps a checkpoint of every step. */
export const whole = async (run: EveryStep, folder: string): Promise<Outcome> => {
  await trainIn(folder, planned(run), { workers: 0 });
  return outcomeOf(folder);
};

/** The run in another folder as if it had been killed some time after a step's checkpoint, resumed to the end. */
export const resumedAt = async (run: EveryStep, step: number, from: string, folder: string): Promise<Outcome> => {
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  for (const name of ["metrics.jsonl", "config.json"]) cpSync(join(from, name), join(folder, name));
  cpSync(checkpointAt(from, step), checkpointAt(folder, step), { recursive: true });
  await trainIn(folder, planned(run), { workers: run.workers });
  return outcomeOf(folder);
};
