import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Trial } from "@twinview/chaos";
import { afterAll, expect, test } from "vitest";
import { chaosCommand } from "./chaos.ts";

const root = mkdtempSync(join(tmpdir(), "twinview-chaos-test-"));
afterAll(() => rmSync(root, { recursive: true }));

const trial = (name: string, held: number): Trial => ({
  name,
  promise: `${name} does not burn`,
  run: async ({ folder }) => {
    writeFileSync(join(folder, name), "ashes");
    return held < 0 ? { skipped: "no matches" } : { tried: 2, held, found: "2 fires" };
  },
});

const said = async (folder: string, json: boolean, ...trials: readonly Trial[]) => {
  let out = "";
  const write = (text: string): void => {
    out += text;
  };
  const terminal = { out: write, error: write };
  const code = await chaosCommand(terminal, { chaos: folder, json }, trials);
  return { code, out };
};

test("promises that held: exit code 0, nothing is left", async () => {
  const folder = join(root, "new", "folder");
  const { code, out } = await said(folder, false, trial("paper", 2), trial("water", -1));
  expect(code).toBe(0);
  expect(out).toMatch(
    /^ok {7}paper {11}paper does not burn\n {25}2 fires \(0s\)\nskipped {2}water .*\n {25}no matches \(0s\)\n1 held, 0 failed, 1 skipped, in 0s\n$/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("one that did not: exit code 1, and what was left stays to be looked at", async () => {
  const { code, out } = await said(root, true, trial("paper", 2), trial("straw", 1));
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(1);
  expect(lines[1]).toMatchObject({ kind: "trial", name: "straw", status: "failed", tried: 2, held: 1 });
  expect(lines[2]).toMatchObject({ kind: "chaos", ok: 1, failed: 1, skipped: 0 });
  expect(existsSync(join(lines[2]?.folder as string, "straw"))).toBe(true);
});

test("a folder that cannot be made is a clear error", async () => {
  writeFileSync(join(root, "file"), "");
  await expect(said(join(root, "file"), false)).rejects.toThrow("cannot make a folder for the trials: it exists already");
});
