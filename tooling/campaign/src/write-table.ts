// Writes the table of docs/reliability.md from the lines of docs/results/reliability.jsonl; `--check` fails where it is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Line, tableOf } from "./table.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url));
const lines = readFileSync(at("results/reliability.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);
const page = readFileSync(at("reliability.md"), "utf8");
const marks = /(<!-- campaigns: begin -->\n)[\s\S]*(\n<!-- campaigns: end -->)/;
const written = page.replace(marks, (_, begin: string, end: string) => `${begin}${tableOf(lines)}${end}`);
if (!process.argv.includes("--check")) writeFileSync(at("reliability.md"), written);
else if (written !== page) {
  console.error("docs/reliability.md is out of date; run `node tooling/campaign/dist/write-table.js`");
  process.exitCode = 1;
}
