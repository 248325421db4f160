import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-micro-"));
const pictures = join(scratch, "pictures");
beforeAll(() => writePictures(pictures, 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const options = [
  "--data",
  pictures,
  "--batch",
  "4",
  "--epochs",
  "400",
  "--threads",
  "1",
  "--set",
  "heads.hidden=16",
  "--set",
  "heads.out=8",
  "--json",
];

/** Plans time the step on the default engine only. */
const untimed = [...options, "--engine", "reference"];

describe("on the command line", () => {
  test("--memory cuts the batch, and the plan says so", async () => {
    const plan = async (...more: readonly string[]) => JSON.parse((await twinview("plan", "moco-v3", ...untimed, ...more)).out);
    const roomy = await plan("--memory", "4GB");
    expect([roomy.config.microBatch, roomy.reasons.at(-1)]).toEqual([
      undefined,
      expect.stringMatching(/^all 4 images at once: .* of the 4GB allowed$/),
    ]);
    const cut = await plan("--set", "microBatch=2");
    expect([cut.config.microBatch, Object.keys(cut.memory.programs).sort()]).toEqual([
      2,
      ["features/online", "step/backward", "step/begin", "step/features", "step/loss", "step/update"],
    ]);
    const refused = await twinview("plan", "moco-v3", ...untimed, "--memory", "lots");
    expect([refused.code, refused.error]).toEqual([2, expect.stringContaining("not an amount of memory")]);
    const tight = await twinview("plan", "moco-v3", ...untimed, "--memory", "100MB");
    expect([tight.code, tight.error]).toEqual([2, expect.stringContaining("the step does not fit into 100MB")]);
    const uneven = await twinview("plan", "moco-v3", ...untimed, "--set", "microBatch=3");
    expect([uneven.code, uneven.error]).toEqual([2, expect.stringContaining("microBatch is 3, expected a divisor of the batch, 4")]);
  });

  test("batch norms of an encoder in micro-batches are pointed out", async () => {
    const resnet = ["--backbone", "resnet-18", "--set", "backbone.width=4", "--set", "microBatch=2"];
    const { code, out } = await twinview("plan", "moco-v3", ...untimed, ...resnet);
    expect(code).toBe(0);
    expect(JSON.parse(out).reasons.at(-1)).toContain(
      "attention: the encoder's batch norms see micro-batches of 2 images, not the batch of 4",
    );
  });

  test("a run whose computing process is killed says what to do, and goes on with that", async () => {
    const run = join(scratch, "run");
    const train = (...more: readonly string[]) =>
      twinview("train", "moco-v3", ...options, "--set", "checkpoint.everySteps=5", "--out", run, ...more);
    const recorded = (): number => {
      try {
        return readFileSync(join(run, "metrics.jsonl"), "utf8").split('"kind":"step"').length - 1;
      } catch {
        return 0; // not begun
      }
    };
    const ended = train();
    while (recorded() < 12) await setTimeout(20);
    for (const pid of computing()) process.kill(pid, "SIGKILL");
    const { code, error } = await ended;
    expect(code).toBe(2);
    expect(error).toMatch(/the computing process was killed at step \d+: most likely the memory ran out/);
    expect(error).toContain("--set microBatch=");
    const before = recorded();
    const shorter = train("--set", "microBatch=2");
    while (recorded() < before + 12) await setTimeout(20);
    process.kill(process.pid, "SIGINT");
    const again = await shorter;
    expect([again.code, again.out]).toEqual([130, expect.stringContaining("microBatch: null -> 2")]);
    expect(again.out).toMatch(/resuming at step \d+0|resuming at step \d+5/);
    expect(JSON.parse(readFileSync(join(run, "config.json"), "utf8"))).toMatchObject({ microBatch: 2 });
  });
});

/** Children of this process that compute. */
const computing = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, parent] = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("engine/dist/child.js");
      } catch {
        return false; // gone meanwhile
      }
    });
