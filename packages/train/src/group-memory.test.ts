import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { groupRoom } from "./group-memory.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-groups-"));
afterAll(() => rmSync(scratch, { recursive: true }));
let made = 0;

const room = (own: string, files: Readonly<Record<string, string>>): number => {
  const root = join(scratch, String(made++));
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  writeFileSync(join(root, "own"), own);
  return groupRoom({ root, own: join(root, "own") });
};

test("version 2: what is left below the tightest limit on the way up, files kept in memory not counted", () => {
  const files = {
    "job/step/memory.max": "max",
    "job/step/memory.current": "5",
    "job/memory.max": "1000",
    "job/memory.current": "700",
    "job/memory.stat": "anon 400\ninactive_file 200\nactive_file 100",
    "memory.max": "9000",
    "memory.current": "100",
  };
  expect(room("0::/job/step\n", files)).toBe(500);
  expect(room("0::/\n", files)).toBe(8900);
});

test("version 1: the group of the memory controller, or the root of a container that does not show it", () => {
  const own = "9:cpu,cpuacct:/other\n4:memory:/docker/abc\n0::/\n";
  const files = { "memory/docker/abc/memory.limit_in_bytes": "1000", "memory/docker/abc/memory.usage_in_bytes": "600" };
  expect(room(own, files)).toBe(400);
  expect(room(own, { "memory/memory.limit_in_bytes": "800", "memory/memory.usage_in_bytes": "900" })).toBe(0);
});

test("no limit, no control groups", () => {
  expect(room("0::/job\n", { "job/memory.max": "max" })).toBe(Number.POSITIVE_INFINITY);
  expect(groupRoom({ root: scratch, own: join(scratch, "nothing") })).toBe(Number.POSITIVE_INFINITY);
});
