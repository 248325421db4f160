import { createHash } from "node:crypto";
import { renderUserError } from "@twinview/config";
import type { HostArray } from "@twinview/core";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { cleanLeftovers } from "./folder.ts";
import { latestCheckpoint, loadCheckpoint, prune } from "./load.ts";
import { memoryDisk, type Tree } from "./memory-disk.ts";
import { leftByPowerCut } from "./power-cut.ts";
import { type CheckpointContent, saveCheckpoint } from "./save.ts";

const floats = (...values: readonly number[]): HostArray => ({ shape: [values.length], dtype: "float32", data: Float32Array.from(values) });
const content = (step: number): CheckpointContent => ({
  step,
  groups: {
    online: new Map([
      ["encoder/patch/w", floats(step, 0.5, Number.NaN)],
      ["__proto__", floats(1)],
    ]),
    optimizer: new Map([["count", { shape: [], dtype: "int32", data: Int32Array.of(step) } as const]]),
  },
  progress: { epoch: step / 10, sampler: { position: step } },
});

const right = <A>(result: E.Either<Parameters<typeof renderUserError>[0], A>): A => {
  if (E.isLeft(result)) throw new Error(renderUserError(result.left));
  return result.right;
};
const left = <A>(result: E.Either<Parameters<typeof renderUserError>[0], A>): string =>
  E.isLeft(result) ? renderUserError(result.left) : "no error";

const runDir = "/run";
const path = (step: number): string => `/run/checkpoints/step-${String(step).padStart(6, "0")}`;

const diskWith = async (...steps: readonly number[]) => {
  const memory = memoryDisk();
  for (const step of steps) expect(right(await saveCheckpoint({ runDir, ...content(step) }, memory.disk)())).toBe(path(step));
  return memory;
};
const latestOf = async (tree: Tree) => {
  const { disk } = memoryDisk(tree);
  await cleanLeftovers(runDir, disk);
  return latestCheckpoint(runDir, disk)();
};

test("what is saved is loaded", async () => {
  const { disk, state } = await diskWith(120);
  expect([...state().keys()].sort()).toEqual(
    ["", "/manifest.json", "/online.safetensors", "/optimizer.safetensors", "/progress.json"]
      .map((name) => `${path(120)}${name}`)
      .concat("/run", "/run/checkpoints")
      .sort(),
  );
  expect(right(await loadCheckpoint(path(120), disk)())).toEqual({ path: path(120), ...content(120) });
});

test("an empty run has no checkpoint and no warning", async () => {
  expect(right(await latestCheckpoint(runDir, memoryDisk().disk)())).toEqual({ checkpoint: undefined, warnings: [] });
});

test("the newest is taken by its number, not by its name", async () => {
  const { disk } = await diskWith(999_999, 1_000_000, 5);
  expect(right(await latestCheckpoint(runDir, disk)()).checkpoint?.step).toBe(1_000_000);
});

test("a step may be saved again", async () => {
  const memory = await diskWith(3);
  right(await saveCheckpoint({ runDir, ...content(3), progress: "again" }, memory.disk)());
  expect(right(await latestCheckpoint(runDir, memory.disk)()).checkpoint?.progress).toBe("again");
  expect([...memory.state().keys()].filter((name) => name.includes("."))).toHaveLength(4);
});

test("a damaged checkpoint is passed over, with the file named", async () => {
  const { state } = await diskWith(1, 2, 3);
  const broken = new Map(state());
  broken.set(`${path(3)}/online.safetensors`, (state().get(`${path(3)}/online.safetensors`) as Uint8Array).subarray(0, 50));
  broken.delete(`${path(2)}/manifest.json`);
  const latest = right(await latestOf(broken));
  expect(latest.checkpoint?.step).toBe(1);
  expect(latest.warnings).toEqual([
    `passing over step-000003: ${path(3)}/online.safetensors: the file is damaged`,
    `passing over step-000002: ${path(2)}/manifest.json: cannot read: there is no such file or folder`,
  ]);
  broken.delete(`${path(1)}/progress.json`);
  expect(left(await latestOf(broken))).toBe(
    [
      "error: no checkpoint of this run is whole",
      `  passing over step-000003: ${path(3)}/online.safetensors: the file is damaged`,
      `  passing over step-000002: ${path(2)}/manifest.json: cannot read: there is no such file or folder`,
      `  passing over step-000001: ${path(1)}/progress.json: cannot read: there is no such file or folder`,
      "  where: /run",
      "  fix: move the checkpoints folder away to start over",
    ].join("\n"),
  );
});

test("every flipped bit, every truncation and every swap of two files is detected", async () => {
  const { state } = await diskWith(7);
  const files = [...state()].filter((entry): entry is [string, Uint8Array] => entry[1] !== null);
  const refused = async (changes: Tree): Promise<boolean> =>
    E.isLeft(await loadCheckpoint(path(7), memoryDisk(new Map([...state(), ...changes])).disk)());
  const missed: string[] = [];
  for (const [name, bytes] of files) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if (!(await refused(new Map([[name, flipped]])))) missed.push(`${name} bit ${bit}`);
    }
    for (let length = 0; length < bytes.length; length++)
      if (!(await refused(new Map([[name, bytes.subarray(0, length)]])))) missed.push(`${name} cut to ${length}`);
    for (const [other, content] of files)
      if (
        other !== name &&
        !(await refused(
          new Map([
            [name, content],
            [other, bytes],
          ]),
        ))
      )
        missed.push(`${name} for ${other}`);
  }
  expect(missed).toEqual([]);
  expect(files.reduce((sum, [, bytes]) => sum + bytes.length, 0)).toBeGreaterThan(800);
});

test("a newer format is told in one line, and is no reason to go back", async () => {
  const { state } = await diskWith(1, 2);
  const name = `${path(2)}/manifest.json`;
  const text = Buffer.from(state().get(name) as Uint8Array)
    .toString()
    .replace('"version": 1', '"version": 2')
    .replace('"step"', '"new": 1,\n  "step"');
  const body = text.slice(0, text.lastIndexOf(',\n  "sha256"'));
  const newer = `${body},\n  "sha256": "${createHash("sha256").update(body).digest("hex")}"\n}\n`;
  expect(left(await latestOf(new Map([...state(), [name, Buffer.from(newer)]])))).toBe(
    `error: this checkpoint has format 2, this program reads up to 1\n  where: ${name}\n  fix: update twinview`,
  );
});

test.each([
  ["a new step", 2, 2],
  ["the same step again", 1, 1],
])("a power cut at any moment of saving %s leaves the old or the new checkpoint", async (_, step, newStep) => {
  const first = await diskWith(1);
  const second = memoryDisk(first.state());
  right(await saveCheckpoint({ runDir, ...content(step), progress: "new" }, second.disk)());
  let states = 0;
  for (let length = 0; length <= second.operations.length; length++) {
    for (const tree of leftByPowerCut(first.state(), second.operations.slice(0, length))) {
      const { checkpoint } = right(await latestOf(tree));
      if (checkpoint?.progress === "new") expect(checkpoint).toEqual({ path: path(newStep), ...content(newStep), progress: "new" });
      else expect(checkpoint).toEqual({ path: path(1), ...content(1) });
      states++;
    }
  }
  expect(right(await latestOf(second.state())).checkpoint?.progress).toBe("new");
  expect(states).toBeGreaterThan(90);
});

test.each(["ENOSPC", "EROFS", "EIO"])(
  "%s at any moment is one clear error, the earlier checkpoint stays, the next save works",
  async (code) => {
    const first = await diskWith(1);
    const probe = memoryDisk(first.state());
    right(await saveCheckpoint({ runDir, ...content(2) }, probe.disk)());
    for (let failAt = 0; failAt < probe.operations.length; failAt++) {
      const memory = memoryDisk(first.state(), failAt, code);
      const message = left(await saveCheckpoint({ runDir, ...content(2) }, memory.disk)());
      expect(message).toMatch(/^error: cannot save the checkpoint: /);
      expect(message).toContain(`where: ${path(2)}`);
      if (code === "ENOSPC") expect(message).toContain("got: 1.5 MB free\n  expected: 0.0 MB for this checkpoint");
      const { checkpoint } = right(await latestOf(memory.state()));
      expect([1, 2]).toContain(checkpoint?.step);
      right(await saveCheckpoint({ runDir, ...content(3) }, memory.disk)());
      expect(right(await latestCheckpoint(runDir, memory.disk)()).checkpoint?.step).toBe(3);
    }
  },
);

test("leftovers of a crash are cleaned, other names are left alone", async () => {
  const { state } = await diskWith(1);
  const { disk, state: after } = memoryDisk(
    new Map([
      ...state(),
      [`${path(2)}.partial`, null],
      [`${path(2)}.partial/x`, new Uint8Array(3)],
      ["/run/checkpoints/notes.partial", null],
    ]),
  );
  await cleanLeftovers(runDir, disk);
  expect([...after().keys()].filter((name) => name.includes("partial"))).toEqual(["/run/checkpoints/notes.partial"]);
});

test("pruning keeps the newest, and the last good one however old", async () => {
  const memory = await diskWith(1, 2, 3, 4);
  expect(right(await prune(runDir, 3, memory.disk)())).toEqual([1]);
  const broken = new Map(memory.state());
  for (const step of [3, 4]) broken.set(`${path(step)}/progress.json`, new Uint8Array(1));
  const { disk } = memoryDisk(broken);
  expect(right(await prune(runDir, 1, disk)())).toEqual([3]);
  expect(right(await latestCheckpoint(runDir, disk)()).checkpoint?.step).toBe(2);
});
