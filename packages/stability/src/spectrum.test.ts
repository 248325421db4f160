import { readFileSync } from "node:fs";
import { drawn, expectClose } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { eigenvalues } from "./eigenvalues.ts";
import { rankMe } from "./rank-me.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly rows: number;
    readonly width: number;
    readonly sixteenths: readonly number[];
    readonly rankMe: number;
  }[];
  readonly symmetric: readonly { readonly n: number; readonly matrix: readonly number[]; readonly eigenvalues: readonly number[] }[];
}

// by golden/make_spectrum.py
const golden = JSON.parse(readFileSync(new URL("../golden/spectrum.json", import.meta.url), "utf8")) as Golden;
const list = (data: ArrayLike<number>) => ({ shape: [data.length], data: Array.from(data) });

describe("eigenvalues", () => {
  it.each(golden.symmetric)("equal numpy's for $n rows", ({ n, matrix, eigenvalues: expected }) => {
    expectClose(list(eigenvalues(matrix, n)), list(expected), { ofLargest: 1e-13 });
  });

  it("have the trace and the squares of the matrix, for a hundred rows", () => {
    const n = 100;
    const half = drawn([n, n], { seed: 4 }).data;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (half[i * n + j] as number) + (half[j * n + i] as number);
    });
    const found = eigenvalues(matrix, n);
    const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
    expect(Math.abs(sum(found) - sum(matrix.filter((_, at) => at % (n + 1) === 0)))).toBeLessThan(1e-11);
    expect(Math.abs(sum(found.map((x) => x * x)) / sum(matrix.map((x) => x * x)) - 1)).toBeLessThan(1e-12);
    expect([...found]).toEqual([...found].sort((a, b) => b - a));
  });

  it("are found where they repeat, are zero, or the matrix is nothing but a diagonal", () => {
    const diagonal = [3, -1, 3, 0, 0];
    const matrix = diagonal.flatMap((value, i) => diagonal.map((_, j) => (i === j ? value : 0)));
    expectClose(list(eigenvalues(matrix, 5)), list([3, 3, 0, 0, -1]), { absolute: 1e-14 });
    expect([...eigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    expectClose(list(eigenvalues(new Float64Array(16).fill(1), 4)), list([4, 0, 0, 0]), { absolute: 1e-14 });
    expect(() => eigenvalues([1, 2, 3], 2)).toThrow("eigenvalues: 3 numbers do not fill a matrix of 2 rows");
  });
});

describe("rankMe", () => {
  it.each(golden.cases)("equals numpy's singular values: $name", ({ rows, width, sixteenths, rankMe: expected }) => {
    const z = sixteenths.map((x) => x / 16);
    expect(Math.abs(rankMe(z, { rows, width }) / expected - 1)).toBeLessThan(1e-9);
  });

  it("is 1 for one direction or none, and the width where all directions are alike", () => {
    expect(rankMe([1, 2, 2, 4, 3, 6], { rows: 3, width: 2 })).toBeCloseTo(1, 4);
    expect(rankMe([0, 0, 0, 0], { rows: 2, width: 2 })).toBe(1);
    expect(rankMe([1, 1, 1, -1], { rows: 2, width: 2 })).toBeCloseTo(2, 5);
    expect(() => rankMe([1, 2, 3], { rows: 2, width: 2 })).toThrow("rankMe: 3 numbers do not fill 2 rows of 2");
  });
});
