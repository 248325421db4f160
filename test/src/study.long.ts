import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { studies, studyResultCodec } from "@twinview/compare";
import { decode, type Json } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { afterAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-studies-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const read = (...path: readonly string[]): string => readFileSync(join(scratch, ...path), "utf8");
const resultOf = (out: string, id: string) => {
  const decoded = decode(studyResultCodec, JSON.parse(read(out, id, "study.json")) as Json, `${id}/study.json`);
  if (E.isLeft(decoded)) throw new Error(`${decoded.left.what} ${decoded.left.where ?? ""}`);
  return decoded.right;
};
const command = (...argv: readonly string[]) => twinview("study", ...argv, "--quick");

describe("twinview study all --quick", () => {
  const out = join(scratch, "all");

  it("runs every study in under ten minutes, each cell once", async () => {
    const started = performance.now();
    const { code, out: said, error } = await command("all", "--out", out);
    expect([code, error]).toEqual([0, ""]);
    expect((performance.now() - started) / 60_000).toBeLessThan(10);
    const trained = [...said.matchAll(/^\[\d+\/\d+\] (\S+): training$/gm)].map(([, name]) => name);
    expect(new Set(trained).size).toBe(trained.length);
    expect(readdirSync(join(out, "cells")).sort()).toEqual([...trained].sort());
    const wanted = studies.reduce((sum, { settings }) => sum + settings.length, 0);
    expect(said.match(/^\[\d+\/\d+\] \S+: (training|already trained)$/gm)).toHaveLength(wanted);
    expect(trained.length).toBeLessThan(wanted);
  });

  it.each(studies)("$id: a result by the schema, its page and its table", ({ id, title, settings }) => {
    const result = resultOf("all", id);
    expect(result).toMatchObject({ id, title, dataset: "fashion-mnist", quick: true, reproduced: "unclear" });
    expect(result.settings.map(({ name }) => name)).toEqual(settings.map(({ name }) => name));
    for (const { seeds, knn, curve, finished, steps } of result.settings) {
      expect([seeds, knn.length, curve.length]).toEqual([[0], 1, 1]);
      expect(finished).toEqual([true]);
      expect(steps[0]).toBeGreaterThan(0);
      expect(curve[0]?.epoch.length).toBeGreaterThanOrEqual(2);
      expect(curve[0]?.knn.length).toBe(curve[0]?.epoch.length);
    }
    const page = read("all", id, "study.html");
    for (const { name } of settings) expect(page).toContain(`<td>${name}</td>`);
    expect(page).toMatch(/<path class="curve /);
    expect(page).not.toMatch(/(src|href)="https?:/);
    expect(read("all", id, "study.md")).toContain(`## ${id}: ${title}`);
  });

  it("an index of all results", () => {
    expect(read("all", "studies.md").trim().split("\n")).toHaveLength(2 + studies.length);
    const index = read("all", "index.html");
    for (const { id } of studies) expect(index).toContain(`<a href="./${id}/study.html">${id}</a>`);
  });

  it("the same command again trains nothing and gives the same result", async () => {
    const cells = join(out, "cells");
    const times = () => readdirSync(cells).map((name) => statSync(join(cells, name, "summary.json")).mtimeMs);
    const [before, result] = [times(), read("all", "S7", "study.json")];
    const { code, out: said } = await command("S7", "--out", out);
    expect(code).toBe(0);
    expect(said.match(/: already trained$/gm)).toHaveLength(3);
    expect(times()).toEqual(before);
    expect(read("all", "S7", "study.json")).toBe(result);
  });
});

it("a run that ends in NaN is a result, and is not tried again", async () => {
  const argv = ["S10", "--out", join(scratch, "nan"), "--set", "optimizer.baseRate=1e38", "--set", "optimizer.warmupEpochs=0", "--json"];
  const first = await command(...argv);
  expect(first.code).toBe(0);
  const result = resultOf("nan", "S10");
  expect(result.settings.map(({ finished }) => finished)).toEqual([[false], [false]]);
  for (const { knn, curve } of result.settings) expect(knn[0]).toBe(curve[0]?.knn.at(-1));
  expect(JSON.parse(first.out)).toEqual(JSON.parse(read("nan", "S10", "study.json")));
  expect(read("nan", "S10", "study.md")).toContain("(1 of 1 ended in NaN)");
  const [cell = ""] = readdirSync(join(scratch, "nan/cells"));
  expect(existsSync(join(scratch, "nan/cells", cell, "diverged.json"))).toBe(true);
  const again = await command(...argv);
  expect(again.error.match(/"state":"found"/g)).toHaveLength(2);
});
