import { expect, test } from "vitest";
import { unflushed } from "./flushed.ts";
import { systemCalls } from "./system-calls.ts";

const trace = (...lines: readonly string[]) => systemCalls(lines.join("\n"));
const good = [
  '11 openat(AT_FDCWD, "/r/checkpoints/step-000001.partial/a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 20</r/checkpoints/step-000001.partial/a>',
  '12 pwrite64(20</r/checkpoints/step-000001.partial/a>, "abc", 3, 0 <unfinished ...>',
  "13 futex(0x1, FUTEX_WAIT) = 0",
  "12 <... pwrite64 resumed>) = 3",
  "12 fsync(20</r/checkpoints/step-000001.partial/a>) = 0",
  "12 fsync(21</r/checkpoints/step-000001.partial> <unfinished ...>",
  "12 <... fsync resumed>) = 0",
  '11 rename("/r/checkpoints/step-000001.partial", "/r/checkpoints/step-000001" <unfinished ...>',
  "11 <... rename resumed>) = 0",
  "11 fsync(22</r/checkpoints>) = 0",
];

test("a save that flushes every file, then its folder, then renames, then flushes the names", () => {
  expect(unflushed(trace(...good))).toEqual({ renames: 1, checked: 3, missing: [] });
});

test.each([
  [4, "step-000001: a was not flushed before the rename"],
  [6, "step-000001: its folder was not flushed before the rename"],
  [9, "step-000001: the rename was not flushed"],
])("without line %i something is missing", (line, message) => {
  expect(unflushed(trace(...good.filter((_, i) => i !== line))).missing).toEqual([message]);
});

test("a write after the flush, and a flush that had only begun, count as not flushed", () => {
  const late = [...good.slice(0, 5), good[1], good[3], ...good.slice(5)] as readonly string[];
  expect(unflushed(trace(...late)).missing).toEqual(["step-000001: a was not flushed before the rename"]);
  const begun = [...good.slice(0, 6), good[7], good[6], ...good.slice(8)] as readonly string[];
  expect(unflushed(trace(...begun)).missing).toEqual(["step-000001: its folder was not flushed before the rename"]);
});
