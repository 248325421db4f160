import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Comparison } from "@twinview/compare";
import type { Summary } from "@twinview/report";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNode } from "./child.ts";
import { commandFile } from "./command.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-compare-"));
const out = join(scratch, "compare");
const argv = ["compare", "--data", "fashion-mnist", "--quick", "--seeds", "1", "--json", "--out", out];
const methods = ["moco-v3", "simclr", "byol", "swav"];

const read = (...names: readonly string[]): string => readFileSync(join(out, ...names), "utf8");
const fraction = (x: unknown): boolean => typeof x === "number" && x >= 0 && x <= 1;

describe("twinview compare --quick on Fashion-MNIST", () => {
  let said: Awaited<ReturnType<typeof runNode>>;

  beforeAll(async () => {
    const started = performance.now();
    said = await runNode([commandFile, ...argv]);
    process.stdout.write(`twinview compare --quick, eight cells: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  }, 3_600_000); // no time limit that a busy machine could miss
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("writes one comparison, and nothing else, to standard output", () => {
    expect(said.code, said.error).toBe(0);
    expect(JSON.parse(said.out)).toEqual(JSON.parse(read("comparison.json")));
    for (const line of said.error.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("kind");
  });

  it("has each method on each backbone once, every number in its range, by the names that tools know", () => {
    const { cells, raw, dataset } = JSON.parse(read("comparison.json")) as Comparison;
    expect({ dataset, raw: fraction(raw) }).toEqual({ dataset: "fashion-mnist", raw: true });
    const names = cells.map(({ method, backbone }) => `${method} ${backbone}`);
    expect(names.sort()).toEqual(methods.flatMap((method) => [`${method} resnet-18 x 16`, `${method} vit-mini/7`]).sort());
    for (const cell of cells) {
      expect(cell).toMatchObject({
        method: expect.any(String),
        backbone: expect.any(String),
        seeds: [0],
        knn: { mean: expect.toSatisfy(fraction), std: 0 },
      });
      expect(cell.imagesPerSecond).toBeGreaterThan(1);
      expect(cell.peakRssBytes).toBeGreaterThan(2 ** 24);
      expect(cell.peakRssBytes).toBeLessThan(2 ** 36);
      expect(Number.isInteger(cell.peakRssBytes)).toBe(true);
    }
  });

  it("is made of the runs that lie beside it", () => {
    const { cells } = JSON.parse(read("comparison.json")) as Comparison;
    const folders = readdirSync(out).filter((name) => name.endsWith("-seed0"));
    expect(folders).toHaveLength(8);
    for (const folder of folders) {
      const summary = JSON.parse(read(folder, "summary.json")) as Summary;
      const cell = cells.find(({ method, backbone }) => method === summary.method && backbone === summary.backbone);
      expect(cell).toMatchObject({ imagesPerSecond: summary.imagesPerSecond, peakRssBytes: summary.peakRssBytes });
      expect(cell?.knn?.mean).toBe(summary.knn?.trained);
    }
  });

  it("gives one page that loads nothing and shows every cell, and the same as a table", () => {
    const page = read("compare.html");
    expect(page.match(/^<!doctype html>/i)).not.toBeNull();
    expect(page).toContain("Content-Security-Policy");
    expect(page).toContain("default-src &#39;none&#39;");
    // what a browser would fetch: addresses other than the SVG name space, and sources other than data
    expect(page.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
    for (const [, source = ""] of page.matchAll(/\b(?:src|href|data|poster|action)\s*=\s*"([^"]*)"/g))
      expect(source).toMatch(/^data:image\/png;base64,/);
    expect(page.match(/<(?:link|iframe|object|embed|base|form)\b|@import|url\((?!data:)/g)).toBeNull();
    const table = read("comparison.md").trim().split("\n");
    expect(table.filter((line) => line.startsWith("| "))).toHaveLength(2 + 8);
    for (const method of methods) {
      expect(page.split(`<td>${method}</td>`)).toHaveLength(1 + 2);
      expect(table.filter((line) => line.startsWith(`| ${method} |`))).toHaveLength(2);
    }
  });

  it("the same command again trains nothing", async () => {
    const before = read("comparison.json");
    const again = await runNode([commandFile, ...argv]);
    expect(again.code, again.error).toBe(0);
    const states = again.error.trim().split("\n");
    expect(states.map((line) => (JSON.parse(line) as { readonly state?: string }).state)).toEqual(Array.from({ length: 8 }, () => "found"));
    expect(read("comparison.json")).toBe(before);
  });
});
