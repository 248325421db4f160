import { tmpdir } from "node:os";
import { renderUserError, userErrorOf } from "@twinview/config";
import { hostArray } from "@twinview/core";
import { expect, test } from "vitest";
import { checkRoom, roomProblem } from "./room.ts";

const mebibyte = 2 ** 20;
const state = {
  online: { w: hostArray(new Float32Array(mebibyte), [mebibyte]) },
  optimizer: { mu: hostArray(new Float32Array(mebibyte), [mebibyte]) },
};

test("two checkpoints must fit", () => {
  expect(roomProblem("/run", state, 16 * mebibyte)).toBeUndefined();
  const problem = roomProblem("/run", state, 16 * mebibyte - 1);
  expect(problem && renderUserError(problem)).toBe(
    [
      "error: there is too little room on the disk for checkpoints",
      "  where: /run",
      "  got: 16 MiB free",
      "  expected: at least 16 MiB: a checkpoint takes 8 MiB, and the last one stays until the next one is whole",
      "  fix: free some space or choose another folder with --out",
    ].join("\n"),
  );
});

test("a new run is refused, one that goes on is warned, and where there is room neither", async () => {
  const huge = { w: { shape: [1], dtype: "float32", data: { byteLength: 1e18 } as Float32Array } as const };
  const said: string[] = [];
  const warn = (text: string): void => void said.push(text);
  const refused = await checkRoom(tmpdir(), huge, { isNew: true, warn }).catch(userErrorOf);
  expect(refused?.what).toBe("there is too little room on the disk for checkpoints");
  await checkRoom(tmpdir(), huge, { isNew: false, warn });
  expect(said).toEqual([expect.stringMatching(/^there is too little room on the disk for checkpoints: .* free, at least /)]);
  await checkRoom(tmpdir(), { w: hostArray([1], [1]) }, { isNew: true, warn });
  expect(said).toHaveLength(1);
});
