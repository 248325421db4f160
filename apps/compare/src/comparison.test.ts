import type { Summary } from "@twinview/report";
import { expect, test } from "vitest";
import { sharedEpochs } from "./choose-epochs.ts";
import { comparePage } from "./compare-page.ts";
import { comparisonOf } from "./comparison.ts";
import { markdownTable } from "./markdown.ts";
import { spreadOf } from "./statistics.ts";

const summary = (method: string, seed: number, trained: number, more: Partial<Summary> = {}): Summary => ({
  method,
  backbone: "vit-mini/7",
  dataset: "fashion-mnist",
  seed,
  steps: 100,
  imagesPerSecond: 100 + seed,
  peakRssBytes: 2 ** 20 * (10 + seed),
  loss: { first: 5, last: 4 },
  knn: { raw: 0.8, random: 0.6 + seed / 10, trained, k: 20 },
  stability: { spikes: 0, dips: 0, nonFinite: 0 },
  seconds: 10,
  ...more,
});

test("seeds of a method and backbone are one row: mean, sample deviation, median speed, largest memory", () => {
  const { cells, raw, dataset } = comparisonOf([summary("byol", 0, 0.7), summary("moco-v3", 0, 0.5), summary("byol", 1, 0.8)]);
  expect({ raw, dataset }).toEqual({ raw: 0.8, dataset: "fashion-mnist" });
  expect(cells.map((cell) => cell.method)).toEqual(["byol", "moco-v3"]);
  const [byol, moco] = cells;
  expect(byol).toMatchObject({ seeds: [0, 1], imagesPerSecond: 101, peakRssBytes: 2 ** 20 * 11, seconds: 20 });
  expect(byol?.knn?.mean).toBeCloseTo(0.75, 12);
  expect(byol?.knn?.std).toBeCloseTo(Math.SQRT1_2 / 10, 12); // sqrt(2 x .05^2 / 1)
  expect(byol?.untrained?.mean).toBeCloseTo(0.65, 12);
  expect(moco?.knn).toEqual({ mean: 0.5, std: 0 });
});

test("without labels there is no accuracy, and the table says so", () => {
  const comparison = comparisonOf([summary("byol", 0, 0, { knn: null })]);
  expect(comparison.cells[0]?.knn).toBeNull();
  expect(markdownTable(comparison)).toContain("| byol | vit-mini/7 | 1 | no labels | no labels |  | 100 | 10 |");
});

test("the Markdown table has percent with deviation, and the gain over the untrained encoder", () => {
  const table = markdownTable(comparisonOf([summary("byol", 0, 0.7), summary("byol", 1, 0.8)]));
  expect(table.split("\n")[2]).toBe("| byol | vit-mini/7 | 2 | 65.0 ± 7.1 | 75.0 ± 7.1 | +10.0 | 101 | 11 |");
  expect(table).toContain("kNN on raw pixels 80.0");
});

test("the deviation of one seed is 0", () => {
  expect(spreadOf([0.25])).toEqual({ mean: 0.25, std: 0 });
});

test("all cells get the epochs that fit the minutes at their speeds", () => {
  // an epoch of 1,000 images takes 10 s and 40 s: 50 s for both, 5 minutes hold 6
  const epochs = sharedEpochs([{ imagesPerSecond: 100 }, { imagesPerSecond: 25 }], { images: 1_010, batch: 100, minutes: 5 });
  expect(epochs).toBe(6);
});

test("the page escapes names from outside", () => {
  const evil = "<img src=x onerror=alert(1)>";
  const page = comparePage(comparisonOf([summary(evil, 0, 0.7, { dataset: evil, backbone: evil })]), [
    { method: evil, backbone: evil, records: [] },
  ]);
  expect(page).not.toContain(evil);
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
});
