import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simsiamApp } from "@twinview/simsiam";
import { expect, test } from "vitest";
import { planSmall, trainSmall } from "./small-run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const sourcesUnder = async (top: string): Promise<readonly string[]> => {
  const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !/node_modules|\/dist/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));
};

const trained = (backbone: string) => {
  const sizes = backbone.startsWith("resnet") ? ["backbone.width=4"] : [];
  const overrides = ["heads.width=32", "heads.bottleneck=8", "checkpoint.keep=1", ...sizes];
  return trainSmall(planSmall(simsiamApp, { backbone, batch: 16, epochs: 2 }, overrides));
};

test.each(["vit-mini", "resnet-18"])("SimSiam trains on %s: losses from 0 to 4 that change, a kNN number, a summary", async (backbone) => {
  const { outcome, events } = await trained(backbone);
  expect(outcome.kind).toBe("finished");
  const losses = events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
  expect(losses).toHaveLength(8);
  for (const loss of losses) expect(loss).toSatisfy((x: number) => x > 0 && x < 4);
  expect(new Set(losses).size).toBeGreaterThan(1);
  if (outcome.kind === "finished") expect(outcome.summary.knn?.trained).toBeGreaterThan(0);
});

test("the method is one file of at most 60 lines outside packages/methods", async () => {
  const text = await readFile(join(root, "apps/simsiam/src/simsiam.ts"), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

test("nothing outside its app knows its name: the contracts forced no change", async () => {
  const files = (await Promise.all(["packages", "apps", "tooling"].map(sourcesUnder))).flat();
  expect(files.length).toBeGreaterThan(100);
  const knowing: string[] = [];
  for (const file of files) {
    if (!file.includes("apps/simsiam") && /simsiam/i.test(await readFile(file, "utf8"))) knowing.push(file);
  }
  expect(knowing).toEqual([]);
});
