import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { renderUserError } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { afterAll, expect, test } from "vitest";
import { lockRun } from "./lock.ts";

const root = mkdtempSync(join(tmpdir(), "twinview-lock-"));
afterAll(() => rmSync(root, { recursive: true }));
let runs = 0;
const newRun = (): string => join(root, `run-${runs++}`);

const take = async (runDir: string) => {
  const lock = await lockRun(runDir)();
  if (E.isLeft(lock)) throw new Error(renderUserError(lock.left));
  return lock.right;
};
const dead = spawnSync(process.execPath, ["-e", ""]).pid;
const holder = (changes: object): string =>
  JSON.stringify({ ...(JSON.parse(readFileSync(join(root, "sample"), "utf8")) as object), ...changes });

test("a folder is locked for one run at a time", async () => {
  const runDir = newRun();
  const lock = await take(runDir);
  writeFileSync(join(root, "sample"), readFileSync(lock.path));
  const second = await lockRun(runDir)();
  expect(E.isLeft(second) && renderUserError(second.left)).toBe(
    `error: another run (process ${process.pid}) is using this folder\n  where: ${lock.path}\n  fix: wait for it, stop it, or choose another folder`,
  );
  await lock.release();
  await lock.release();
  expect(readdirSync(runDir)).toEqual([]);
  await (await take(runDir)).release();
});

test("of twenty at once, one wins", async () => {
  const runDir = newRun();
  const results = await Promise.all(Array.from({ length: 20 }, () => lockRun(runDir)()));
  expect(results.filter(E.isRight)).toHaveLength(1);
  expect(readdirSync(runDir)).toEqual(["run.lock"]);
});

test.each([
  ["a process that is gone", { pid: dead }],
  ["an earlier process of the same number", { started: "1" }],
  ["an earlier boot of the machine", { boot: "00000000-0000-0000-0000-000000000000" }],
])("the lock of %s is taken over, by one of twenty", async (_, changes) => {
  const runDir = newRun();
  await (await take(runDir)).release();
  writeFileSync(join(runDir, "run.lock"), holder(changes));
  const results = await Promise.all(Array.from({ length: 20 }, () => lockRun(runDir)()));
  const won = results.filter(E.isRight);
  expect(won).toHaveLength(1);
  expect(readdirSync(runDir)).toEqual(["run.lock"]);
  await won[0]?.right.release();
  expect(existsSync(join(runDir, "run.lock"))).toBe(false);
});

test("a lock cut by a power loss is taken over; so is one whose taker died half way", async () => {
  for (const text of ["", "{", holder({ pid: dead })]) {
    const runDir = newRun();
    await (await take(runDir)).release();
    writeFileSync(join(runDir, "run.lock"), text);
    writeFileSync(
      join(runDir, `run.lock.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`),
      holder({ pid: dead, nonce: "taker" }),
    );
    await (await take(runDir)).release();
    expect(readdirSync(runDir)).toEqual([]);
  }
});

test("a run on another machine is left alone", async () => {
  const runDir = newRun();
  await (await take(runDir)).release();
  writeFileSync(join(runDir, "run.lock"), holder({ host: `not-${hostname()}`, pid: dead }));
  const refused = await lockRun(runDir)();
  expect(E.isLeft(refused) && refused.left.what).toBe(`another run (process ${dead} on not-${hostname()}) is using this folder`);
  expect(E.isLeft(refused) && refused.left.fix).toBe("if that run is over, delete this file");
});

test("a folder that cannot be made is a clear error", async () => {
  writeFileSync(join(root, "file"), "");
  const refused = await lockRun(join(root, "file", "run"))();
  expect(E.isLeft(refused) && refused.left.what).toBe("cannot lock the run folder: a part of this path is a file, a folder was expected");
});
