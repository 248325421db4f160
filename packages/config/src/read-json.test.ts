import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { afterAll, expect, test } from "vitest";
import { closed } from "./closed.ts";
import { fileError, readJson } from "./read-json.ts";
import { positive } from "./scalars.ts";
import { renderUserError } from "./user-error.ts";

const folder = mkdtempSync(join(tmpdir(), "twinview-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const codec = closed("settings", { lr: positive });
const said = async (content?: string): Promise<string> => {
  const path = join(folder, `${Math.abs(content === undefined ? 0 : content.length)}.json`);
  if (content !== undefined) writeFileSync(path, content);
  const result = await readJson(path, codec)();
  return (E.isLeft(result) ? renderUserError(result.left) : JSON.stringify(result.right)).replaceAll(path, "F");
};

test("reads by the codec, a byte order mark included", async () => {
  expect(await said('{"lr": 0.5}\n')).toBe('{"lr":0.5}');
  expect(await said('\ufeff{"lr":  2}')).toBe('{"lr":2}');
});

test("says what is wrong and where", async () => {
  expect(await said()).toBe("error: cannot read: there is no such file or folder\n  where: F\n  fix: check the path");
  expect(await said('{\n  "lr": 0.5,\n}')).toBe('error: not valid JSON: expected a key in double quotes, got "}"\n  where: F:3:1');
  expect(await said('{"lr":0}')).toBe("error: lr: wrong value\n  where: F\n  got: 0\n  expected: a number above 0");
  const isFolder = await readJson(folder, codec)();
  expect(E.isLeft(isFolder) && isFolder.left.what).toBe("cannot read: this is a folder, a file was expected");
});

test("system errors are put in words, unknown ones are passed on", () => {
  expect(fileError({ code: "ENOSPC" }, "/x", "write")).toEqual({
    kind: "file",
    what: "cannot write: the disk is full",
    where: "/x",
    fix: "free some space or choose another folder",
  });
  expect(fileError(new Error("odd"), "/x", "write").what).toBe("cannot write: odd");
  expect(fileError({ code: "constructor" }, "/x", "write").what).toBe("cannot write: [object Object]");
});
