import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { afterAll, expect, test } from "vitest";
import { nodeDisk } from "./disk.ts";
import { latestCheckpoint, prune } from "./load.ts";
import { saveCheckpoint } from "./save.ts";

const root = mkdtempSync(join(tmpdir(), "twinview-disk-"));
afterAll(() => rmSync(root, { recursive: true }));

const saved = (runDir: string, step: number, length = 3) => {
  const tensors = new Map([["w", { shape: [length], dtype: "float32", data: Float32Array.from({ length }, (_, i) => i + step) } as const]]);
  return saveCheckpoint({ runDir, step, groups: { online: tensors }, progress: { step } })();
};

test("save, save again, load and prune on a real disk, arrays larger than one piece included", async () => {
  const runDir = join(root, "run");
  for (const step of [1, 2, 2, 3]) expect(E.isRight(await saved(runDir, step, 3_000_000))).toBe(true);
  expect(await prune(runDir, 2)()).toEqual(E.right([1]));
  const latest = await latestCheckpoint(runDir)();
  if (E.isLeft(latest)) throw new Error(latest.left.what);
  const data = latest.right.checkpoint?.groups.online?.get("w")?.data;
  expect([data?.length, data?.[0], data?.[2_999_999]]).toEqual([3_000_000, 3, 3_000_002]);
  expect((await nodeDisk.list(join(runDir, "checkpoints"))).toSorted()).toEqual(["step-000002", "step-000003"]);
  expect(await nodeDisk.freeBytes(runDir)).toBeGreaterThan(0);
});

test("views of larger and of shared buffers are written as they are seen", async () => {
  const path = join(root, "pieces");
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(7);
  await nodeDisk.write(path, [new Uint8Array([0, 1, 2, 3]).subarray(1, 3), new Uint8Array(0), shared]);
  expect([...(await nodeDisk.read(path))]).toEqual([1, 2, 7, 7, 7, 7]);
});

test("a folder that is in the way is a user error", async () => {
  writeFileSync(join(root, "busy"), "");
  const result = await saved(join(root, "busy"), 1);
  expect(E.isLeft(result) && [result.left.kind, result.left.what]).toEqual([
    "checkpoint",
    "cannot save the checkpoint: a part of this path is a file, a folder was expected",
  ]);
});

test("a full device is a user error with the room there is", async () => {
  const runDir = join(root, "full");
  const disk = {
    ...nodeDisk,
    write: async (path: string, chunks: readonly Uint8Array[]) => {
      symlinkSync("/dev/full", path); // the kernel's own ENOSPC
      await nodeDisk.write(path, chunks);
    },
  };
  const result = await saveCheckpoint({ runDir, step: 1, groups: {}, progress: null }, disk)();
  expect(E.isLeft(result) && result.left.what).toBe("cannot save the checkpoint: the disk is full");
  expect(E.isLeft(result) && result.left.got).toMatch(/^\d+\.\d MB free$/);
  expect(await nodeDisk.list(join(runDir, "checkpoints"))).toEqual([]);
});
