import { freemem } from "node:os";
import { type UserError, userError, userErrorOf } from "@twinview/config";
import type { Experiment } from "./experiment.ts";
import { fittingBatch, fittingMicroBatch } from "./fit-memory.ts";
import { groupRoom } from "./group-memory.ts";
import { planOf } from "./plan.ts";
import { memory } from "./progress-line.ts";

/** What is free now, when the computing process is gone. */
export const availableMemory = (): number => Math.min(freemem(), groupRoom());

const advice = (experiment: Experiment, limit: number): string => {
  const micro = fittingMicroBatch(experiment, limit);
  if (micro !== undefined && micro.size < experiment.microBatch)
    return `--set microBatch=${micro.size} needs about ${memory(micro.bytes)} and is the same step`;
  const smaller = Array.from({ length: experiment.microBatch >> 1 }, (_, i) => i + 1)
    .filter((size) => experiment.batch % size === 0)
    .at(-1);
  if (smaller !== undefined && !experiment.encoder.mixesImages) return `--set microBatch=${smaller} needs less and is the same step`;
  const batch = fittingBatch(experiment, limit);
  if (batch !== undefined) return `--batch ${batch.size} in a new folder needs about ${memory(batch.bytes)}`;
  return "choose a smaller --backbone or image";
};

/**
 * What a user can do about a computing process that the system killed, which it does when memory runs out; other errors are handed
 * through. `available`: bytes that are free without it.
 */
export const explainKilled = (
  thrown: unknown,
  at: {
    readonly experiment: Experiment;
    readonly step: number;
    readonly peakRssBytes: number;
    readonly runDir: string;
    readonly available?: number;
  },
): UserError | undefined => {
  const error = userErrorOf(thrown);
  if (error?.kind !== "engine" || !error.what.includes("SIGKILL")) return undefined;
  const { experiment, step, peakRssBytes, runDir, available = availableMemory() } = at;
  const needed = planOf(experiment, 1).plan.memoryBytes;
  const held = peakRssBytes > 0 ? `; it had held ${memory(peakRssBytes)} until then` : "";
  const micro = experiment.microBatch < experiment.batch ? ` in micro-batches of ${experiment.microBatch}` : "";
  return userError("engine", `the computing process was killed at step ${step + 1}: most likely the memory ran out`, {
    where: runDir,
    got: `batch ${experiment.batch}${micro} needs about ${memory(needed)}${held}; ${memory(available)} are free without it`,
    // it did not fit, whatever the estimate said: well below it this time
    fix: `run the same command again with less: ${advice(experiment, Math.min(0.8 * available, 0.7 * needed))}; it goes on from the last checkpoint`,
  });
};
