import { onnxEngine, referenceEngine } from "@twinview/engine";
import { drawn, expectClose, seeded } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { knnAccuracy, type Neighbours, nearestNeighbours, type Rows, vote } from "./index.ts";

const rows = (count: number, width: number, seed: number, low = -1): Rows => ({
  rows: count,
  width,
  data: Float32Array.from(drawn([count, width], { seed, low, high: 1 }).data),
});
const rowOf = ({ width, data }: Rows, i: number): number[] => Array.from(data.subarray(i * width, (i + 1) * width));

/** Each query against every row of the bank, one cosine at a time. */
const slowNeighbours = (bank: Rows, queries: Rows, k: number): { readonly index: number; readonly similarity: number }[][] =>
  Array.from({ length: queries.rows }, (_, q) =>
    Array.from({ length: bank.rows }, (_, index) => {
      const [a, b] = [rowOf(queries, q), rowOf(bank, index)];
      const inner = a.reduce((total, x, i) => total + x * (b[i] as number), 0);
      return { index, similarity: inner / (Math.hypot(...a) * Math.hypot(...b)) };
    })
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, k),
  );

const expectNeighbours = (found: Neighbours, bank: Rows, queries: Rows, k: number): void => {
  const expected = slowNeighbours(bank, queries, k);
  expect([found.queries, found.k]).toEqual([queries.rows, k]);
  expect(Array.from(found.indices)).toEqual(expected.flat().map(({ index }) => index));
  expectClose(
    found.similarities,
    expected.flat().map(({ similarity }) => similarity),
    { absolute: 2e-6 },
  );
};

describe("nearestNeighbours", () => {
  const engine = referenceEngine();

  test.each([referenceEngine(), onnxEngine({ spinning: false })])(
    "are those of brute force, opposite rows included, on $name",
    async (each) => {
      const [bank, queries] = [rows(23, 4, 1), rows(7, 4, 2)];
      for (const k of [5, 23]) expectNeighbours(await nearestNeighbours({ engine: each, bank, queries, k, threads: 1 }), bank, queries, k);
    },
  );

  test("do not depend on the length of the features", async () => {
    const [bank, queries] = [rows(12, 4, 6), rows(3, 4, 7)];
    const longer: Rows = { ...bank, data: bank.data.map((x, i) => x * 2 ** (Math.floor(i / 4) % 5)) };
    const [a, b] = await Promise.all([bank, longer].map((each) => nearestNeighbours({ engine, bank: each, queries, k: 4 })));
    expect(b?.indices).toEqual(a?.indices);
  });

  test("are cut to the bank, which comes first of equals", async () => {
    const bank: Rows = { rows: 3, width: 2, data: Float32Array.of(1, 0, 2, 0, 0, 1) };
    const found = await nearestNeighbours({ engine, bank, queries: { rows: 1, width: 2, data: Float32Array.of(1, 0) }, k: 20 });
    expect([found.k, [...found.indices]]).toEqual([3, [0, 1, 2]]);
  });
});

describe("the vote", () => {
  const neighbours: Neighbours = {
    queries: 2,
    k: 3,
    indices: Int32Array.of(0, 1, 2, 3, 4, 0),
    similarities: Float32Array.of(0.9, 0.8, 0.8, 0.5, 0.4, 0.1),
  };
  const bankLabels = [0, 1, 1, 2, 0];

  test("weighs by exp(similarity / temperature): two near ones beat the nearest when warm, not when cold", () => {
    const winners = (temperature: number): number[] => [...vote(neighbours, { bankLabels, classes: 3, k: 3, temperature })];
    expect(winners(1)).toEqual([1, 0]); // 2 e^.8 > e^.9; e^.4 + e^.1 > e^.5
    expect(winners(0.01)).toEqual([0, 2]);
  });

  test("counts only k neighbours, at most those that were searched for", () => {
    const winners = (k: number): number[] => [...vote(neighbours, { bankLabels, classes: 3, k, temperature: 1 })];
    expect(winners(1)).toEqual([0, 2]);
    expect(winners(200)).toEqual(winners(3));
  });

  test("equals a slow twin on random neighbours, for temperatures at which exp alone would overflow", () => {
    const next = seeded(4);
    const [queries, k, classes] = [40, 9, 5];
    const labels = Array.from({ length: 50 }, () => Math.floor(next() * classes));
    const similarities = Float32Array.from(
      Array.from({ length: queries }, () => Array.from({ length: k }, () => next() * 2 - 1).sort((a, b) => b - a)).flat(),
    );
    const indices = Int32Array.from({ length: queries * k }, () => Math.floor(next() * 50));
    for (const temperature of [0.07, 1, 5e-4]) {
      const expected = Array.from({ length: queries }, (_, q) => {
        // logarithms of the classes' sums, each in a way that cannot overflow
        const scores = Array.from({ length: classes }, (_, label) => {
          const terms = Array.from({ length: k }, (_, i) => q * k + i)
            .filter((at) => labels[indices[at] as number] === label)
            .map((at) => (similarities[at] as number) / temperature);
          const top = Math.max(...terms);
          return terms.length === 0 ? Number.NEGATIVE_INFINITY : top + Math.log(terms.reduce((total, x) => total + Math.exp(x - top), 0));
        });
        return scores.indexOf(Math.max(...scores));
      });
      expect([...vote({ queries, k, indices, similarities }, { bankLabels: labels, classes, k, temperature })]).toEqual(expected);
    }
  });

  test("gives the share of right answers", () => {
    const options = { bankLabels, classes: 3, k: 1, temperature: 0.07 };
    expect(knnAccuracy(neighbours, { ...options, queryLabels: [0, 2] })).toBe(1);
    expect(knnAccuracy(neighbours, { ...options, queryLabels: [0, 1] })).toBe(0.5);
    expect(knnAccuracy(neighbours, { ...options, queryLabels: [1, 1] })).toBe(0);
  });
});
