import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runNode } from "./child.ts";
import { commandFile } from "./command.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-doctor-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Check {
  readonly name: string;
  readonly status: "ok" | "missing" | "failed";
  readonly found: string;
  readonly fix?: string;
}

it("twinview doctor finds what training needs, tells what is not installed, and leaves nothing in the folder", async () => {
  const folder = mkdtempSync(join(scratch, "folder-"));
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, "cache") };
  const { code, out, error } = await runNode([commandFile, "doctor", "--json"], { cwd: folder, env });
  expect([code, error]).toEqual([0, ""]);
  const { checks } = JSON.parse(out) as { readonly checks: readonly Check[] };
  const status = Object.fromEntries(checks.map((check) => [check.name, check.status]));
  expect(status).toMatchObject({
    node: "ok",
    "engine onnx": "ok",
    devices: "ok",
    images: "ok",
    folder: "ok",
    memory: "ok",
    "data set fashion-mnist": "ok",
  });
  const found = (name: string): string | undefined => checks.find((check) => check.name === name)?.found;
  expect(found("data set fashion-mnist")).toContain("60,000 images of 28 x 28 pixels, gray, 10 classes, 10,000 test images");
  expect(found("engine onnx")).toMatch(/^onnxruntime multiplies matrices at [1-9]\d* GFLOPS on \d+ threads$/);
  for (const check of checks.filter((each) => each.status === "missing")) expect(check.fix).toMatch(/^npm install emoji-datasource-/);
  expect(readdirSync(folder)).toEqual([]);
});

interface Line {
  readonly kind: string;
  readonly status?: string;
  readonly tried?: number;
  readonly failed?: number;
}

it("twinview doctor --chaos makes every fault here, every promise holds, and it leaves nothing", async () => {
  const folder = mkdtempSync(join(scratch, "chaos-"));
  writeFileSync(join(folder, "mine"), "untouched");
  const { code, out, error } = await runNode([commandFile, "doctor", "--chaos", folder, "--json"], { cwd: scratch });
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line); // a line for each trial, then the sum
  expect(lines.filter(({ status }) => status === "failed")).toEqual([]);
  expect([code, error]).toEqual([0, ""]);
  expect(lines.at(-1)).toMatchObject({ kind: "chaos", failed: 0 });
  expect(lines.slice(0, -1).every(({ kind, tried, status }) => kind === "trial" && (status === "skipped") === (tried === 0))).toBe(true);
  expect(lines.filter(({ status }) => status === "ok").length).toBeGreaterThanOrEqual(6);
  expect([readdirSync(folder), readFileSync(join(folder, "mine"), "utf8")]).toEqual([["mine"], "untouched"]);
});
