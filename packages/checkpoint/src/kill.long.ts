import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rngOf, uniforms } from "@twinview/core";
import { afterAll, expect, test } from "vitest";
import { nodeDisk } from "./disk.ts";
import { cleanLeftovers } from "./folder.ts";
import { latestCheckpoint } from "./load.ts";

const root = mkdtempSync(join(tmpdir(), "twinview-kill-"));
afterAll(() => rmSync(root, { recursive: true }));
const child = fileURLToPath(new URL("./kill.long.child.js", import.meta.url));

/** Starts a saving run, kills it some time after its first line, and gives the lines it printed. */
const killedAfter = (runDir: string, milliseconds: number): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const run = spawn(process.execPath, [child, runDir], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    run.stdout.on("data", (data) => {
      if (printed === "") setTimeout(() => run.kill("SIGKILL"), milliseconds);
      printed += String(data);
    });
    run.on("close", () => resolve(printed.split("\n").slice(0, -1)));
  });

const numberIn = (line: string | undefined): number => Number(/\d+/.exec(line ?? "0")?.[0]);

test("killed at forty random moments, a run resumes at its last save or the one after, without a warning", async () => {
  const uniform = uniforms(rngOf(11));
  const runDir = join(root, "run");
  let last = 0;
  for (let kill = 0; kill < 40; kill++) {
    const lines = await killedAfter(runDir, 120 * uniform());
    expect(lines[0]).toMatch(/^resumed \d+ after 0 warnings$/);
    // a save may be complete before its line is printed
    expect([last, last + 1]).toContain(numberIn(lines[0]));
    last = numberIn(lines.at(-1));
  }
  await cleanLeftovers(runDir, nodeDisk);
  const latest = await latestCheckpoint(runDir)();
  if (latest._tag === "Left") throw new Error(latest.left.what);
  const { checkpoint } = latest.right;
  expect([last, last + 1]).toContain(checkpoint?.step);
  expect(checkpoint?.groups.online?.get("w")?.data.every((x) => x === checkpoint.step)).toBe(true);
  expect(readdirSync(join(runDir, "checkpoints")).every((name) => /^step-\d+$/.test(name))).toBe(true);
  expect(last).toBeGreaterThan(40);
});

test("of twelve processes that find the lock of a killed run, one gets it", async () => {
  const runDir = join(root, "contended");
  await killedAfter(runDir, 20);
  const runs = Array.from({ length: 12 }, () => spawn(process.execPath, [child, runDir], { stdio: ["ignore", "pipe", "pipe"] }));
  const started: number[] = [];
  const refusals: string[] = [];
  await Promise.all(
    runs.map(
      (run, i) =>
        new Promise<void>((resolve) => {
          run.stdout.once("data", () => {
            started.push(i);
            resolve();
          });
          let said = "";
          run.stderr.on("data", (data) => {
            said += String(data);
          });
          run.on("close", () => {
            if (said !== "") refusals.push(said);
            resolve();
          });
        }),
    ),
  );
  for (const run of runs) run.kill("SIGKILL");
  expect(started).toHaveLength(1);
  expect(refusals).toHaveLength(11);
  for (const said of refusals) expect(said).toMatch(/another run \(process \d+\) is using this folder/);
});
