import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tell, withBrowser } from "@twinview/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, runNode } from "./child.ts";
import { commandFile } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-names-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Names that a file system takes: anything but a slash and a zero byte. */
const names = {
  data: `"><img src=x onerror=pwned()>\u001b]0;data\u0007`,
  coarse: `\u001b[2J<svg onload=pwned()>`,
  fine: `'-pwned()-'\u202e\u009b31m`,
  image: `\u001b[1A<script>pwned()<!--\n`,
  run: `<body onload=pwned()>\u001b[31m\r`,
};
const data = join(scratch, names.data);
const run = join(scratch, names.run);
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

beforeAll(async () => {
  const plain = join(scratch, "plain");
  await writePictures(plain, 40);
  for (const name of ["coarse", "fine"] as const) {
    mkdirSync(join(data, names[name]), { recursive: true });
    for (const file of readdirSync(join(plain, name)))
      writeFileSync(join(data, names[name], `${names.image}${file}`), readFileSync(join(plain, name, file)));
    writeFileSync(join(data, names[name], `${names.image}broken.png`), "no picture");
  }
});

const command = async (...argv: readonly string[]): Promise<Ended> => {
  const said = await runNode([commandFile, ...argv]);
  expect(controls.test(said.out + said.error), JSON.stringify(said)).toBe(false);
  return said;
};

test("a run with hostile names of folders, classes and files: nothing reaches the terminal or the pages as more than text", async () => {
  const tiny = ["image=16", "backbone.patch=8", "heads.hidden=16", "heads.out=8"].flatMap((text) => ["--set", text]);
  const flags = ["--data", data, "--epochs", "2", "--batch", "8", "--threads", "1", ...tiny];
  const said = await command("train", "moco-v3", ...flags, "--out", run);
  expect([said.code, said.error]).toEqual([0, ""]);
  expect(said.out).toContain("2 broken");
  const evaluated = await command("eval", run, "--knn", "--page", "--threads", "1");
  expect([evaluated.code, evaluated.error]).toEqual([0, ""]);
  const compared = await command("compare", run, "--out", join(run, "compared"));
  expect([compared.code, compared.error]).toEqual([0, ""]);
  for (const argv of [
    ["resume", `${run}x`],
    ["eval", data],
    ["train", "moco-v3", "--data", `${data}x`],
    ["export", run, "--to", data],
  ])
    expect((await command(...argv)).code).toBe(2);
  const pages = [join(run, "report.html"), join(run, "eval.html"), join(run, "compared", "compare.html")];
  await withBrowser(async (open) => {
    for (const path of pages) {
      const page = await open(path);
      await page.evaluate("new Promise((done) => setTimeout(done, 200))");
      expect([page.calls(), page.complaints(), page.requests()], path).toEqual([0, [], []]);
      expect(await page.evaluate("document.body.textContent")).toContain("<img src=x onerror=pwned()>");
    }
  });
  tell("hostile-names", { pages: pages.length, scriptsRun: 0, controlCharacters: 0 });
});
