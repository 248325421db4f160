import { readFileSync } from "node:fs";
import { type Engine, onnxEngine, referenceEngine } from "@twinview/engine";
import { expectClose } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { confusionMatrix } from "./confusion.ts";
import { knnAccuracies, vote } from "./knn.ts";
import { nearestNeighbours } from "./neighbours.ts";
import type { Rows } from "./rows.ts";

interface Golden {
  readonly temperature: number;
  readonly classes: number;
  readonly width: number;
  readonly bank: readonly number[];
  readonly queries: readonly number[];
  readonly bankLabels: readonly number[];
  readonly queryLabels: readonly number[];
  readonly indices: readonly number[];
  readonly similarities: readonly number[];
  readonly cases: readonly { readonly k: number; readonly predicted: readonly number[]; readonly accuracy: number }[];
}

// by golden/make_knn.py
const golden = JSON.parse(readFileSync(new URL("../golden/knn.json", import.meta.url), "utf8")) as Golden;
const { width, bankLabels, queryLabels, classes, temperature } = golden;
const rowsOf = (eighths: readonly number[]): Rows => ({
  rows: eighths.length / width,
  width,
  data: Float32Array.from(eighths, (x) => x / 8),
});
const [bank, queries] = [rowsOf(golden.bank), rowsOf(golden.queries)];

const engines: readonly (readonly [string, () => Engine])[] = [
  ["onnx", () => onnxEngine({ spinning: false })],
  ["reference", referenceEngine],
];

describe.each(engines)("kNN on the %s engine", (_, engine) => {
  it.each([65_536, 64, 33])("equals scikit-learn, the bank in blocks of %i rows", async (blockRows) => {
    const neighbours = await nearestNeighbours({ engine: engine(), bank, queries, k: 300, blockRows, threads: 1 });
    expect(neighbours.k).toBe(260);
    const first = <A extends Float32Array | Int32Array>(list: A): number[] =>
      Array.from({ length: queries.rows }, (_, q) => Array.from(list.subarray(q * 260, q * 260 + 20))).flat();
    expect(first(neighbours.indices)).toEqual(golden.indices);
    expectClose(
      { shape: [queries.rows * 20], data: Float64Array.from(first(neighbours.similarities)) },
      { shape: [queries.rows * 20], data: Float64Array.from(golden.similarities) },
      { absolute: 3e-7 },
    );
    for (const { k, predicted } of golden.cases)
      expect([k, ...vote(neighbours, { bankLabels, classes, k, temperature })]).toEqual([k, ...predicted]);
    const k = golden.cases.map((each) => each.k);
    expect(knnAccuracies(neighbours, { bankLabels, queryLabels, classes, k, temperature })).toEqual(
      Object.fromEntries(golden.cases.map((each) => [String(each.k), each.accuracy])),
    );
  });
});

describe("nearestNeighbours refuses", () => {
  const search = (change: Partial<Parameters<typeof nearestNeighbours>[0]>) =>
    nearestNeighbours({ engine: referenceEngine(), bank, queries, k: 1, ...change });
  const three: Rows = { rows: 1, width: 3, data: new Float32Array(3) };
  it.each([
    [{ queries: three }, "nearestNeighbours: queries has features of width 3, expected 12"],
    [{ bank: { ...three, width: 12 } }, "nearestNeighbours: bank has 3 numbers, expected 1 rows of 12"],
    [{ bank: { rows: 0, width: 12, data: new Float32Array() } }, "nearestNeighbours: bank.rows is 0, expected at least 1"],
    [{ k: 0 }, "nearestNeighbours: k is 0, expected a whole number, at least 1"],
  ])("what does not fit (%#)", async (change, text) => {
    await expect(search(change)).rejects.toThrow(text);
  });
});

describe("confusionMatrix", () => {
  it("counts rows of true classes and columns of given ones", () => {
    expect([...confusionMatrix([0, 2, 2, 1, 0], [0, 2, 1, 1, 2], 3)]).toEqual([1, 0, 0, 0, 1, 1, 1, 0, 1]);
    expect(() => confusionMatrix([0], [0, 1], 2)).toThrow("confusionMatrix: predicted.length is 1, expected 2, one a label");
  });
});
