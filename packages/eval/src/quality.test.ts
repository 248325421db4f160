import { onnxEngine, referenceEngine } from "@twinview/engine";
import { drawn } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { featureQuality, firstRows, qualityProgram } from "./quality.ts";
import type { Rows } from "./rows.ts";

const rows = (count: number, width: number, seed: number): Rows => ({
  rows: count,
  width,
  data: Float32Array.from(drawn([count, width], { seed, low: -1, high: 1 }).data),
});

const unit = ({ rows: count, width, data }: Rows): number[][] =>
  Array.from({ length: count }, (_, i) => {
    const row = Array.from(data.subarray(i * width, (i + 1) * width));
    return row.map((x) => x / Math.hypot(...row));
  });
const distance = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0);
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const measure = async (engine: ReturnType<typeof referenceEngine>, features: { clean: Rows; first: Rows; second: Rows }) => {
  const sizes = { images: features.clean.rows, pairs: features.first.rows, width: features.clean.width };
  const session = await engine.open({ state: null, programs: { quality: qualityProgram(sizes) }, threads: 1 });
  try {
    return await featureQuality(features, (inputs) => session.run("quality", inputs));
  } finally {
    await session.close();
  }
};

describe.each([
  ["onnx", () => onnxEngine({ spinning: false })],
  ["reference", referenceEngine],
] as const)("featureQuality on the %s engine", (_, engine) => {
  it("equals loops over rows and pairs of rows", async () => {
    const [clean, first, second] = [rows(17, 5, 1), rows(11, 5, 2), rows(11, 5, 3)];
    const found = await measure(engine(), { clean, first, second });
    const z = unit(clean);
    const deviations = Array.from({ length: 5 }, (__, d) => {
      const column = z.map((row) => row[d] as number);
      return Math.sqrt(average(column.map((x) => (x - average(column)) ** 2)));
    });
    expect(found.embeddingStd).toBeCloseTo(average(deviations) * Math.sqrt(5), 5);
    const potentials = z.flatMap((a, i) => z.slice(i + 1).map((b) => Math.exp(-2 * distance(a, b))));
    expect(found.uniformity).toBeCloseTo(Math.log(average(potentials)), 5);
    const [a, b] = [unit(first), unit(second)];
    expect(found.alignment).toBeCloseTo(average(a.map((row, i) => distance(row, b[i] as number[]))), 5);
    expect(found.rankMe).toBeGreaterThan(4);
    expect(found.rankMe).toBeLessThanOrEqual(5.001);
  });
});

describe("featureQuality", () => {
  it("tells collapsed features", async () => {
    const same: Rows = { rows: 6, width: 3, data: Float32Array.from({ length: 18 }, (_, i) => (i % 3) + 1) };
    const found = await measure(referenceEngine(), { clean: same, first: same, second: same });
    expect(found.embeddingStd).toBeLessThan(1e-3);
    expect(found.rankMe).toBeCloseTo(1, 4);
    expect(found.alignment).toBe(0);
    expect(Math.abs(found.uniformity)).toBeLessThan(1e-5);
  });

  it("refuses views of other widths or counts", async () => {
    const never = () => Promise.reject(new Error("not to be run"));
    const clean = rows(4, 3, 1);
    await expect(featureQuality({ clean, first: rows(4, 2, 1), second: clean }, never)).rejects.toThrow(
      "featureQuality: first has features of width 2, expected 3",
    );
    await expect(featureQuality({ clean, first: clean, second: rows(3, 3, 1) }, never)).rejects.toThrow(
      "featureQuality: second has 9 numbers, expected 4 rows of 3",
    );
  });

  it("takes the first rows", () => {
    expect([...firstRows(rows(4, 2, 1), 2).data]).toEqual([...rows(4, 2, 1).data.subarray(0, 4)]);
    expect(firstRows(rows(4, 2, 1), 9).rows).toBe(4);
  });
});
