import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJson } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { type Summary, summaryCodec } from "./summary.ts";
import { tempFolder } from "./temp-folder.test.kit.ts";
import { jsonText, writeJson, writeText } from "./write-json.ts";

const summary: Summary = {
  method: "moco-v3",
  backbone: "vit-mini/7",
  dataset: "fashion-mnist",
  seed: 3,
  steps: 400,
  imagesPerSecond: 812.5,
  peakRssBytes: 612_000_000,
  loss: { first: 4.9, last: 1.8 },
  knn: { raw: 0.75, random: 0.7, trained: 0.82, k: 20 },
  stability: { spikes: 3, dips: 1, nonFinite: 0 },
  seconds: 126.3,
};

test("a summary comes back from its file as it went in, with a probe, without labels, and with a loss that is no number", async () => {
  const path = join(tempFolder(), "summary.json");
  const all: readonly Summary[] = [
    summary,
    { ...summary, linear: { best: 0.86, last: 0.85, lr: 0.3 } },
    { ...summary, knn: null, loss: { first: Number.NaN, last: Number.POSITIVE_INFINITY } },
  ];
  for (const one of all) {
    expect(await writeJson(path, summaryCodec.encode(one) as never)()).toEqual(E.right(undefined));
    expect(decodeJson(summaryCodec, readFileSync(path, "utf8"), path)).toEqual(E.right(one));
  }
});

test("the names of the summary are the published ones", () => {
  const written = JSON.parse(
    jsonText(summaryCodec.encode({ ...summary, linear: { best: 1, last: 1, lr: 1 }, stability: { ...summary.stability, collapse: 2 } })),
  ) as Record<string, object>;
  const names = "backbone dataset imagesPerSecond knn linear loss method peakRssBytes seconds seed stability steps";
  expect(Object.keys(written).sort().join(" ")).toBe(names);
  expect(Object.keys(written.knn as object)).toEqual(["raw", "random", "trained", "k"]);
  expect(Object.keys(written.loss as object)).toEqual(["first", "last"]);
  expect(Object.keys(written.linear as object)).toEqual(["best", "last", "lr"]);
  expect(Object.keys(written.stability as object)).toEqual(["spikes", "dips", "nonFinite", "collapse"]);
});

test("a summary with a misspelt key or an accuracy in percent is refused by name", () => {
  const said = (value: unknown): string | undefined => {
    const decoded = decodeJson(summaryCodec, JSON.stringify(value), "summary.json");
    return E.isLeft(decoded) ? `${decoded.left.what} (${decoded.left.fix ?? decoded.left.got ?? ""})` : undefined;
  };
  expect(said(summary)).toBeUndefined();
  expect(said({ ...summary, backbon: "x" })).toMatch(/backbon: unknown key.*backbone/);
  expect(said({ ...summary, knn: { raw: 75, random: 0.7, trained: 0.8, k: 20 } })).toMatch(/knn\.raw: wrong value.*75/);
});

test("numbers that JSON lacks are written as texts", () => {
  expect(jsonText({ a: [Number.NaN, 1], b: Number.NEGATIVE_INFINITY })).toBe('{"a":["NaN",1],"b":"-Infinity"}');
});

test("a write that cannot be finished leaves the old file and no other", async () => {
  const dir = tempFolder();
  const path = join(dir, "summary.json");
  writeFileSync(path, "old");
  mkdirSync(`${path}.partial`); // in the way of the temporary file
  const written = await writeText(path, "new")();
  expect(E.isLeft(written) && written.left).toMatchObject({
    kind: "file",
    what: "cannot write: this is a folder, a file was expected",
    where: path,
  });
  expect(readFileSync(path, "utf8")).toBe("old");

  const folder = join(dir, "taken");
  mkdirSync(join(folder, "inside"), { recursive: true }); // a name that no file can be renamed to
  expect(E.isLeft(await writeText(folder, "new")())).toBe(true);
  expect(existsSync(`${folder}.partial`)).toBe(false);
  expect(readdirSync(dir).sort()).toEqual(["summary.json", "summary.json.partial", "taken"]);
});

test("a folder that does not exist", async () => {
  const path = join(tempFolder(), "no", "summary.json");
  const written = await writeJson(path, { a: 1 })();
  expect(E.isLeft(written) && written.left).toEqual({
    kind: "file",
    what: "cannot write: there is no such file or folder",
    where: path,
    fix: "check the path",
  });
});
