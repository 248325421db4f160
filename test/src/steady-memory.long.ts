import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandFile } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-steady-"));
const pictures = join(scratch, "pictures");
const watched = 10_000;
/** The heaps of Node reach their size meanwhile: the engine's process grows by some 25 MB until then, and by nothing after. */
const settled = 14_000;
const every = 250;
const stepsAnEpoch = 9; // of 36 images; 4 are kept for the test

beforeAll(() => writePictures(pictures, 40));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, "utf8");
const residentBytes = (pid: number): number => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status(pid))?.[1]);
const childrenOf = (pid: number): readonly number[] =>
  readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return Number(/^PPid:\s+(\d+)/m.exec(status(Number(name)))?.[1]) === pid ? [Number(name)] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });

type Point = readonly [step: number, bytes: number];

/** The median of the slopes between all pairs of points (Theil and Sen): a jump of one sample does not move it. */
const slope = (points: readonly Point[]): number => {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] as number;
};

it("the slope is that of a line, whatever single points do", () => {
  const line = Array.from({ length: 20 }, (_, i): Point => [i, 3 * i + 7]);
  expect(slope(line)).toBe(3);
  expect(slope(line.map(([x, y], i): Point => [x, i === 4 ? 1e9 : y]))).toBeCloseTo(3, 6);
});

it.runIf(process.platform === "linux")(`neither process grows by 1 KB a step over ${watched} steps`, async () => {
  const tiny = ["image=16", "backbone.patch=8", "heads.hidden=16", "heads.out=8", "knn.everyEpochs=500", "checkpoint.everySteps=2000"];
  const epochs = String((settled + watched) / stepsAnEpoch);
  const flags = ["--data", pictures, "--epochs", epochs, "--batch", "4", "--threads", "1", "--json"];
  const sets = tiny.flatMap((text) => ["--set", text]);
  const run = spawn(process.execPath, [commandFile, "train", "moco-v3", ...flags, ...sets, "--out", join(scratch, "run")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const parent: Point[] = [];
  const engine: Point[] = [];
  for await (const line of createInterface({ input: run.stdout })) {
    const step = Number(/^\{"kind":"step","step":(\d+),/.exec(line)?.[1] ?? 0);
    if (step < settled || step % every !== 0) continue;
    const [child, ...others] = childrenOf(run.pid as number);
    expect(others).toEqual([]);
    parent.push([step, residentBytes(run.pid as number)]);
    engine.push([step, residentBytes(child as number)]);
  }
  const text = `parent ${slope(parent).toFixed(0)}, engine ${slope(engine).toFixed(0)} bytes a step`;
  expect(engine.length, text).toBeGreaterThanOrEqual(watched / every);
  expect(slope(engine), text).toBeLessThan(1024);
  expect(slope(parent), text).toBeLessThan(1024);
});
