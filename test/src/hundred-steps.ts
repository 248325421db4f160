import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import type { App } from "@twinview/train";
import { goldenJson } from "./golden-step.ts";
import { planSmall, trainSmall } from "./small-run.ts";
import { root } from "./source-tree.ts";

const steps = 100;
const threads = 1;

/** What the last bits of a loss depend on beside this repository: the runtime, the processor and its vector instructions. */
export interface Fingerprint {
  readonly onnxruntime: string;
  readonly node: string;
  readonly processor: string;
  readonly instructions: string;
  readonly threads: number;
}

/** hundred_steps.json: the losses of each method, on each machine that they were recorded on. */
export interface Recorded {
  readonly fingerprint: Fingerprint;
  readonly losses: Readonly<Record<string, readonly number[]>>;
}

const file = "hundred_steps.json";

export const recorded = (): readonly Recorded[] => goldenJson<readonly Recorded[]>(file);

const instructions = (): string => {
  try {
    const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    const vector = flags.split(/\s+/).filter((flag) => /^(avx|fma|amx|f16c|asimd|sve|i8mm|bf16)/.test(flag));
    return [...new Set(vector)].sort().join(" ");
  } catch {
    return process.arch; // no Linux
  }
};

/** The fingerprint of this machine. */
export const fingerprint = (): Fingerprint => ({
  onnxruntime: (createRequire(import.meta.url)("onnxruntime-node/package.json") as { readonly version: string }).version,
  node: process.versions.node.split(".")[0] as string,
  processor: cpus()[0]?.model ?? "unknown",
  instructions: instructions(),
  threads,
});

/** The losses of a hundred steps of a method on a small ViT, as `train` tells them. */
export const lossesOf = async (app: App): Promise<readonly number[]> => {
  const sizes = ["backbone.patch=8", "heads.hidden=16", "heads.out=8", "knn.everyEpochs=100", "checkpoint.everySteps=1000"];
  const run = planSmall(app, { batch: 8, epochs: steps / 8 }, sizes);
  const { events } = await trainSmall(run, { threads });
  return events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
};

/** Adds the losses of this machine to the file, or replaces what was recorded on one of the same fingerprint. */
export const record = (losses: Recorded["losses"]): void => {
  const here = fingerprint();
  const others = recorded().filter((each) => JSON.stringify(each.fingerprint) !== JSON.stringify(here));
  writeFileSync(join(root, "test/golden", file), `${JSON.stringify([...others, { fingerprint: here, losses }], null, 1)}\n`);
};
