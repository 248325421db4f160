import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runChild } from "./child.ts";
import { checkedCommands, documentedCommands } from "./documented-commands.ts";
import { writePictures } from "./pictures.ts";
import { root } from "./source-tree.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-readme-"));
const clone = join(scratch, "clone");
const bin = join(scratch, "bin");

/** As on a user's machine that has a CUDA compiler and runs no script of any package: nothing may be downloaded, and all has to work. */
const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  XDG_CACHE_HOME: join(scratch, "cache"),
  npm_config_prefer_offline: "true",
  npm_config_ignore_scripts: "true",
};

beforeAll(async () => {
  const { out, code } = await runChild("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  expect(code).toBe(0);
  for (const file of out.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
  await writePictures(join(clone, "path/to/images"), 40);
  mkdirSync(bin);
  writeFileSync(join(bin, "nvcc"), '#!/bin/sh\necho "Cuda compilation tools, release 12.4, V12.4.131"\n');
  chmodSync(join(bin, "nvcc"), 0o755);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const toRun = [...new Map(documentedCommands().map((each) => [each.command, each])).values()].flatMap(({ file, command }) => {
  const checked = checkedCommands[command];
  return checked !== undefined && "says" in checked ? [{ ...checked, file, command }] : [];
});

describe("commands of the documentation, in order, in a fresh copy of the repository", () => {
  it.each(toRun)("$file: $command", async ({ command, as = command, says, leaves = [] }) => {
    const { code, out, error } = await runChild("bash", ["-c", as], { cwd: clone, env: environment });
    expect(code, `${out}\n${error}`).toBe(0);
    for (const words of says) expect(out).toMatch(words);
    for (const path of leaves) expect([path, existsSync(join(clone, path))]).toEqual([path, true]);
  });
});
