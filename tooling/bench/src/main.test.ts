import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cases, chosenCases } from "./cases.ts";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [main, ...args], { env: { ...process.env, TWINVIEW_PEER_PYTHON: "" } });

test("the last line is JSON, without a peer too, and the history grows by a line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "twinview-bench-test-"));
  const history = join(folder, "history.jsonl");
  try {
    const { stdout, stderr } = await run("--quick", "--json", "--threads", "1", "--only", "augment-32px", "--history", history);
    expect(stderr).toContain("views: one thread a side, by the processor's time");
    const { cases } = JSON.parse(stdout.trim().split("\n").at(-1) as string);
    expect(cases.map(({ name }: { readonly name: string }) => name)).toEqual(["augment-32px", "augment-32px-sharp"]);
    for (const one of cases) {
      expect(one).toMatchObject({ gflops: null, machineGflops: null, peer: null, ratio: null });
      expect(one.imagesPerSecond).toBeGreaterThan(0);
    }
    const lines = readFileSync(history, "utf8").trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string).cases).toEqual(cases);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a filter that matches nothing is refused with the names of the cases", async () => {
  const failed = await run("--only", "resnet-99").catch((error: { readonly code: number; readonly stderr: string }) => error);
  expect(failed).toMatchObject({ code: 2 });
  expect(failed.stderr).toContain("no case has that in its name");
  expect(failed.stderr).toContain("vit-96x4-p4-32px-b32");
});

test("a plain run leaves the other methods on ResNet-18 and the large batches out; they run by name, or with all", () => {
  const named = (options: Parameters<typeof chosenCases>[0]): readonly string[] => chosenCases(options).map(({ name }) => name);
  const all = cases.map(({ name }) => name);
  const left = ["simclr", "byol", "swav"].map((method) => `${method}-resnet-18-32px-b64`);
  const large = [256, 4096, 6144].map((batch) => `vit-192x12-p4-32px-b${batch}-micro-64`);
  expect(named({ only: undefined, all: true })).toEqual(all);
  expect(named({ only: undefined, all: false })).toEqual(all.filter((name) => ![...left, ...large, "vit-s-p16-224px-b8"].includes(name)));
  expect(named({ only: "resnet-18", all: false })).toEqual(["resnet-18-32px-b64", ...left]);
});
