import { expect, test } from "vitest";
import { confusedPairs, confusionTable } from "./confusion-table.ts";
import { groupColor, scatterPlot } from "./scatter.ts";

test("confused pairs are ordered by how often they occur, with their share of the class", () => {
  const counts = [8, 2, 0, 1, 6, 3, 0, 0, 5];
  expect(confusedPairs({ classes: ["a", "b", "c"], counts })).toEqual([
    { from: 1, to: 2, count: 3, share: 0.3 },
    { from: 0, to: 1, count: 2, share: 0.2 },
    { from: 1, to: 0, count: 1, share: 0.1 },
  ]);
});

test("the confusion table shows every pair once, and its names as text", () => {
  const { markup } = confusionTable({ classes: ["<b>", "c"], counts: [3, 1, 0, 4] });
  expect(markup.match(/<rect /g)).toHaveLength(4);
  expect(markup).toContain("<title>&lt;b&gt; taken for c: 1 of 4</title>");
  expect(markup).toContain('<tr><td>&lt;b&gt;</td><td>c</td><td class="number">1</td><td class="number">25.0 %</td></tr>');
  expect(markup).not.toContain("<b>");
  expect(confusionTable({ classes: ["a", "b"], counts: [3, 0, 0, 4] }).markup).toContain("No image was taken for another class.");
  const many = Array.from({ length: 50 }, (_, i) => `class ${i}`);
  expect(confusionTable({ classes: many, counts: new Int32Array(2500) }).markup).not.toContain("<rect");
});

test("a scatter plot puts its points inside the picture, each in the colour of its group, and leaves out what is not finite", () => {
  const { markup } = scatterPlot({ points: [0, 0, 5, 10, Number.NaN, 1], groups: [0, 1, 0], names: ["x", "<y>"], label: "a plane" });
  const dots = [...markup.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.2" fill="([^"]+)"/g)].map(([, ...found]) => found);
  expect(dots).toEqual([
    ["12.0", "12.0", groupColor(0, 2)],
    ["588.0", "588.0", groupColor(1, 2)],
  ]);
  expect(markup).toContain("<title>&lt;y&gt;</title>");
  expect(scatterPlot({ points: [], groups: [], names: [], label: "none" }).markup).toContain("There are no points.");
});
