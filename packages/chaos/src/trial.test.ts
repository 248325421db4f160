import { expect, test } from "vitest";
import type { Ground } from "./ground.ts";
import { type Finding, tryOut } from "./trial.ts";

const ground = {} as Ground;
const outcome = async (run: () => Promise<Finding>) => {
  const { status, tried, held, found } = await tryOut({ name: "fire", promise: "it does not burn", run }, ground);
  return [status, tried, held, found];
};

test("a promise is held when it held every time, and at least once", async () => {
  expect(await outcome(async () => ({ tried: 3, held: 3, found: "3 fires" }))).toEqual(["ok", 3, 3, "3 fires"]);
  expect(await outcome(async () => ({ tried: 3, held: 2, found: "3 fires" }))).toEqual(["failed", 3, 2, "3 fires"]);
  expect(await outcome(async () => ({ tried: 0, held: 0, found: "no fire" }))).toEqual(["failed", 0, 0, "no fire"]);
});

test("what could not be tried is skipped with the reason, what broke on the way has failed", async () => {
  expect(await outcome(async () => ({ skipped: "no matches" }))).toEqual(["skipped", 0, 0, "no matches"]);
  expect(await outcome(() => Promise.reject(new Error("burnt")))).toEqual(["failed", 1, 0, "burnt"]);
});
