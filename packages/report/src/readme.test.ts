import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "./temp-folder.test.kit.ts";

test("the program of the README runs as it stands", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, program] = /```js\n([\s\S]*?)```/.exec(readme) as unknown as [string, string];
  const folder = tempFolder();
  const entry = new URL("./index.js", import.meta.url).href;
  writeFileSync(join(folder, "program.mjs"), program.replace('"@twinview/report"', JSON.stringify(entry)));
  execFileSync(process.execPath, ["program.mjs"], { cwd: folder });
  const page = readFileSync(join(folder, "page.html"), "utf8");
  expect(page).toContain("<h1>A name from outside, &lt;escaped&gt;</h1>");
  expect(page).toContain(">raw pixels</text>");
});
