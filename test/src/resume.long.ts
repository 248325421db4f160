import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runNode } from "./child.ts";
import { commandFile } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-resume-"));
const pictures = join(scratch, "pictures");
const steps = 12;

interface StepRecord {
  readonly kind: string;
  readonly step: number;
}

/** Twelve steps in three epochs, a checkpoint every third. Events come as JSON lines, so that a process can be stopped at one. */
const config = ["--set", "checkpoint.everySteps=3", "--set", "knn.everyEpochs=1", "--set", "heads.hidden=32", "--set", "heads.out=16"];
const start = ["train", "moco-v3", "--data", pictures, "--epochs", "3", "--batch", "4", "--threads", "1", "--json", ...config];

/** Runs a command, and sends the signal when it tells of a step at or after the given one. */
const command = (args: readonly string[], stop?: { readonly signal: NodeJS.Signals; readonly afterStep: number }): Promise<Ended> => {
  let sent = false;
  return runNode([commandFile, ...args], {
    onOut: (soFar, kill) => {
      if (stop === undefined || sent) return;
      const told = [...soFar.matchAll(/^\{"kind":"step","step":(\d+),/gm)].some(([, step]) => Number(step) >= stop.afterStep);
      if (!told) return;
      sent = true;
      kill(stop.signal);
    },
  });
};

const newRun = (name: string): string => {
  const run = join(scratch, name);
  mkdirSync(run);
  writeFileSync(join(run, "env.json"), JSON.stringify({ machineGflops: 50 })); // not measured again
  return run;
};

/** Lines of metrics.jsonl without what depends on the clock. */
const metricsOf = (run: string): readonly StepRecord[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { imagesPerSecond: _, waitShare: __, ...rest } = JSON.parse(line) as StepRecord & Readonly<Record<string, unknown>>;
      return rest;
    });

const stepsIn = (run: string): readonly number[] =>
  metricsOf(run)
    .filter(({ kind }) => kind === "step")
    .map(({ step }) => step);

/** SHA-256 of every array file of the last checkpoint. */
const weightsOf = (run: string): Readonly<Record<string, string>> => {
  const folder = join(run, "checkpoints", `step-0000${steps}`);
  const files = readdirSync(folder).filter((file) => file.endsWith(".safetensors"));
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  );
};

const expectSame = (run: string, whole: string): void => {
  expect(metricsOf(run)).toEqual(metricsOf(whole));
  expect(weightsOf(run)).toEqual(weightsOf(whole));
  expect(readdirSync(run).sort()).toEqual(readdirSync(whole).sort());
};

beforeAll(() => writePictures(pictures, 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const whole = newRun("whole");

describe("a run of twelve steps", () => {
  it("takes twelve steps and leaves weights behind", async () => {
    const { code, error } = await command([...start, "--out", whole]);
    expect([code, error]).toEqual([0, ""]);
    expect(stepsIn(whole)).toEqual(Array.from({ length: steps }, (_, i) => i));
    expect(Object.keys(weightsOf(whole)).sort()).toEqual(["online.safetensors", "optimizer.safetensors", "target.safetensors"]);
  });

  it.each([0, 2])("is the same with %i loader threads", async (workers) => {
    const run = newRun(`whole-${workers}`);
    expect((await command([...start, "--workers", String(workers), "--out", run])).code).toBe(0);
    expectSame(run, whole);
  });

  // killed and stopped at many moments: doctor.long.ts; at every step, every method: every-step.long.ts
  describe.each([2])("with %i workers", (workers) => {
    const flags = ["--workers", String(workers), "--threads", "1", "--json"];

    it("killed twice and resumed each time, ends in the same losses and the same weights, bit for bit", async () => {
      const run = newRun(`killed-${workers}`);
      const first = await command([...start, "--workers", String(workers), "--out", run], { signal: "SIGKILL", afterStep: 4 });
      expect(first.signal).toBe("SIGKILL");
      const second = await command(["resume", run, ...flags], { signal: "SIGKILL", afterStep: 7 });
      expect(second.signal).toBe("SIGKILL");
      expect(second.out).toMatch(/"resuming at step [369] of 12"/);
      const { code, error } = await command(["resume", run, ...flags]);
      expect([code, error]).toEqual([0, ""]);
      expectSame(run, whole);
    });

    it("stopped by SIGTERM, saves, exits with 143, and resumed ends in the same losses and weights", async () => {
      const run = newRun(`stopped-${workers}`);
      const stopped = await command([...start, "--workers", String(workers), "--out", run], { signal: "SIGTERM", afterStep: 4 });
      expect(stopped.code).toBe(143);
      const done = stepsIn(run).length;
      expect(done).toBeLessThan(steps);
      expect(stopped.error).toContain(`stopped before step ${done + 1}; continue with: twinview resume ${run}\n`);
      const again = await command(["resume", run, ...flags]);
      expect([again.code, again.error]).toEqual([0, ""]);
      expect(again.out).toContain(`resuming at step ${done} of 12`);
      expectSame(run, whole);
    });
  });
});
