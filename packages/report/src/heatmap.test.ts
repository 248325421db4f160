import fc from "fast-check";
import { expect, test } from "vitest";
import { attributes, decodePalettePng, picturesIn, textsOf } from "./charts.test.kit.ts";
import { heatColor, heatPalette } from "./heat-colors.ts";
import { heatGrid } from "./heat-grid.ts";
import { heatmap, heatRange, levelsOf } from "./heatmap.ts";
import { palettePng } from "./palette-png.ts";

test("a PNG holds the pixels and the palette, the first colour transparent", () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, fc.integer(), (width, height, seed) => {
      const indices = Uint8Array.from({ length: width * height }, (_, i) => Math.imul(i + 1, seed | 1) >>> 24);
      const decoded = decodePalettePng(palettePng({ width, height, indices, palette: heatPalette }));
      expect(decoded).toEqual({ width, height, pixels: indices, palette: Uint8Array.from(heatPalette.flat()), alpha: Uint8Array.of(0) });
    }),
    { seed: 7, numRuns: 30 },
  );
});

test("colours grow lighter all the way, so that they can be told apart without hue", () => {
  const linear = (c: number): number => (c <= 0.04045 * 255 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = Array.from({ length: 64 }, (_, i) => {
    const [r, g, b] = heatColor(i / 63).map(linear) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  luminance.slice(1).forEach((value, i) => {
    expect(value).toBeGreaterThan(luminance[i] as number);
  });
  expect([heatColor(-1), heatColor(0.5), heatColor(2)]).toEqual([
    [68, 1, 84],
    [33, 144, 141],
    [253, 231, 37],
  ]);
});

test("levels are logarithmic; what has no logarithm is 0", () => {
  const values = Float64Array.of(1, 10, 100, 0.1, 1e6, 0, -3, Number.NaN, Number.POSITIVE_INFINITY);
  expect([...levelsOf(values, { min: 1, max: 100 })]).toEqual([1, 128, 255, 1, 255, 0, 0, 0, 0]);
  expect(heatRange(values)).toEqual([0.1, 1e6]);
  expect(heatRange(Float64Array.of(0, Number.NaN))).toBeUndefined();
});

test("the range passes over the smallest twentieth and the largest two-hundredth", () => {
  const values = Float64Array.from({ length: 1001 }, (_, i) => i + 1);
  expect(heatRange(values)).toEqual([51, 996]);
  expect(heatRange(Float64Array.of(1e-12, 2))).toEqual([1e-12, 2]); // of few values all count
});

test("a grid shows the largest value of each column's steps", () => {
  const nan = Number.NaN;
  const steps = [1, 2, 3, 4, 5, 6, 7];
  const layers = [
    [1, 9, 2, 3, nan, 4, 5],
    [nan, nan, 8, 1, 1, 1, 7],
  ];
  const { columns, stepsPerColumn, values, columnOf } = heatGrid(steps, layers, 3);
  expect(columns).toEqual([1, 3, 5]);
  expect(stepsPerColumn).toBe(3);
  expect([...values]).toEqual([9, 3, 5, nan, 8, 7]);
  expect([0, 1, 2, 3, 4, 5, 7, 99].map(columnOf)).toEqual([0, 0, 0, 1, 1, 2, 2, 2]);
  expect([...heatGrid(steps, layers, 100).values]).toEqual(layers.flat());
});

test("a map: one pixel a cell, rows under each other, rings at their cells, groups named once", () => {
  const rows = [
    { group: "patch", name: "w" },
    { group: "block00", name: "fc1/w" },
    { group: "block00", name: "fc2/w" },
  ];
  const values = Float64Array.of(1, 10, 100, 1000, 1, Number.NaN);
  const { markup } = heatmap({
    rows,
    columns: [1, 3],
    values,
    x: { label: "step" },
    valueLabel: "norm",
    marks: [{ row: 1, column: 1 }],
    label: "a map",
  });
  const [key, map] = picturesIn(markup);
  expect(key).toMatchObject({ width: 255, height: 1, pixels: Uint8Array.from({ length: 255 }, (_, i) => i + 1) });
  expect(map).toMatchObject({ width: 2, height: 3, pixels: Uint8Array.of(1, 86, 170, 255, 1, 0) });
  expect(textsOf(markup, "group-name")).toEqual(["patch", "block00"]);
  expect(attributes(markup, "text", "group-name", "y")).toEqual(["6", "24"]);
  expect(textsOf(markup, "row-name")).toEqual(["w", "fc1/w", "fc2/w"]);
  expect(attributes(markup, "circle", "mark", "cx")).toEqual(["75%", "75%"]); // halo and ring
  expect(attributes(markup, "circle", "mark", "cy")).toEqual(["18", "18"]);
  // columns are 2 steps wide: the axis reaches from 0 to 4
  expect(attributes(markup.slice(markup.indexOf('<svg class="chart')), "text", "x-tick", "x")).toEqual(["0%", "25%", "50%", "75%", "100%"]);
});

test("many rows are thin and only their groups are named", () => {
  const rows = Array.from({ length: 150 }, (_, i) => ({ group: `block${Math.floor(i / 12)}`, name: "w" }));
  const { markup } = heatmap({
    rows,
    columns: [1],
    values: new Float64Array(150).fill(1),
    x: { label: "step" },
    valueLabel: "norm",
    label: "a map",
  });
  expect(textsOf(markup, "row-name")).toEqual([]);
  expect(textsOf(markup, "group-name")).toHaveLength(13);
});

test("nothing to show is said", () => {
  const rows = [{ group: "a", name: "w" }];
  expect(
    heatmap({ rows, columns: [1], values: Float64Array.of(Number.NaN), x: { label: "step" }, valueLabel: "n", label: "m" }).markup,
  ).toBe('<p class="empty">Nothing was recorded.</p>');
});
