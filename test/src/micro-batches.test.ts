import { failure, userError } from "@twinview/config";
import type { Encoder } from "@twinview/core";
import { mocoV3 } from "@twinview/methods";
import { adamw } from "@twinview/optim";
import { type Experiment, experiment, explainKilled, fittingBatch, fittingMicroBatch, planOf } from "@twinview/train";
import { vit } from "@twinview/vit";
import { describe, expect, test } from "vitest";

const experimentOf = (encoder: unknown, batch: number): Experiment => {
  const schedules = { lr: () => 1e-3, wd: () => 0.1, momentum: () => 0.99 };
  const method = mocoV3({ hidden: 16, out: 8 });
  return experiment({ encoder: encoder as Encoder, method, optimizer: adamw(), schedules, seed: 0, image: 64, batch, steps: 1 });
};
const needed = (of: Experiment): number => planOf(of, 1).plan.memoryBytes;

describe("what fits into memory", () => {
  const options = { size: { name: "small", dim: 64, depth: 1, heads: 2 }, patch: 4, image: 64 };
  const small = experimentOf(vit(options), 64);
  const normed = experimentOf(vit({ ...options, mlpNorm: "batch" }), 128);

  test("is the whole batch where there is room, else the largest micro-batch with less than that", () => {
    const whole = needed(small);
    expect(fittingMicroBatch(small, whole)).toEqual({ size: 64, bytes: whole });
    const half = (whole + needed({ ...small, microBatch: 8 })) / 2;
    const { size, bytes } = fittingMicroBatch(small, half) ?? { size: 0, bytes: 0 };
    expect(64 % size).toBe(0);
    expect([size < 64, bytes <= half, bytes]).toEqual([true, true, needed({ ...small, microBatch: size })]);
    const larger = 2 * size < 64 ? 2 * size : undefined;
    if (larger !== undefined) expect(needed({ ...small, microBatch: larger })).toBeGreaterThan(half);
    expect(fittingMicroBatch(small, 1e6)).toBeUndefined();
  });

  test("never is a micro-batch for an encoder with batch norms, but a smaller batch", () => {
    const whole = needed(normed);
    expect(fittingMicroBatch(normed, whole)?.size).toBe(128);
    expect(fittingMicroBatch(normed, whole - 1)).toBeUndefined();
    expect(fittingBatch(normed, whole - 1)?.size).toBe(64);
  });

  test("is what the end of a killed process advises, with the step, the peak and the memory that is free", () => {
    const dead = failure(userError("engine", "the computing process ended unexpectedly (SIGKILL)"));
    const at = { step: 6, peakRssBytes: 3 * 2 ** 30, runDir: "runs/x", available: 4 * 2 ** 30 };
    const told = explainKilled(dead, { experiment: small, ...at });
    expect(told?.what).toBe("the computing process was killed at step 7: most likely the memory ran out");
    expect(told?.got).toMatch(/^batch 64 needs about \d+ MiB; it had held 3\.0 GiB until then; 4\.0 GiB are free without it$/);
    const micro =
      /^run the same command again with less: --set microBatch=(\d+) needs about (\d+) MiB and is the same step; it goes on/.exec(
        told?.fix ?? "",
      );
    expect(64 % Number(micro?.[1])).toBe(0);
    expect(Number(micro?.[2]) * 2 ** 20).toBeLessThan(0.71 * needed(small));
    expect(explainKilled(dead, { experiment: normed, ...at })?.fix).toMatch(/--batch \d+ in a new folder needs about/);
    expect(explainKilled(new Error("other"), { experiment: small, ...at })).toBeUndefined();
  });
});
