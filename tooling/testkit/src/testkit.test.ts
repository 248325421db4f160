import { describe, expect, test } from "vitest";
import { at, difference, drawn, expectClose, finiteDifferences, fromIndex, indexOf, slope, slopeNoise, slow, slowErf } from "./index.ts";

describe("difference", () => {
  test("accepts equal numbers, and those within each kind of tolerance", () => {
    expect(difference([1, Number.NaN, Number.POSITIVE_INFINITY], [1, Number.NaN, Number.POSITIVE_INFINITY], {})).toBeUndefined();
    expect(difference([0, -0], [-0, 0], {})).toBeUndefined();
    expect(difference([1.01], [1], { absolute: 0.011 })).toBeUndefined();
    expect(difference([101], [100], { relative: 0.011 })).toBeUndefined();
    expect(difference([1.5, 100], [1, 100], { ofLargest: 0.006 })).toBeUndefined();
  });

  test("tells how many differ, where first, by how much and what was allowed, and where most", () => {
    const found = slow([1, 2.5, 3, 8], [2, 2]);
    expect(difference(found, slow([1, 2, 3, 4], [2, 2]), { absolute: 0.1 })).toBe(
      "2 of 4 numbers differ; first at [0, 1]: got 2.5, expected 2 (apart 5.00e-1, allowed 1.00e-1); furthest at [1, 1]: apart 4.00e+0",
    );
    expect(() => expectClose(1, 2, { name: "loss" })).toThrow("loss: 1 of 1 numbers differ; first at []: got 1, expected 2");
  });

  test("refuses other shapes, NaN for a number, a number for NaN, infinities that are not equal", () => {
    expect(difference(slow([1, 2], [1, 2]), slow([1, 2]), { absolute: 9 })).toBe("shape [1, 2], expected [2]");
    for (const [got, want] of [
      [Number.NaN, 1],
      [1, Number.NaN],
      [Number.POSITIVE_INFINITY, 1],
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ] as const)
      expect(difference([got], [want], { absolute: 1e9 }), `${got} for ${want}`).toBeDefined();
  });
});

describe("finite differences", () => {
  test("find the gradient of a function whose gradient is known", () => {
    const found = finiteDifferences((x) => Math.sin(x[0] as number) * (x[1] as number) ** 3, [0.7, -1.2]);
    expectClose(found, [Math.cos(0.7) * (-1.2) ** 3, 3 * Math.sin(0.7) * 1.44], { absolute: 1e-9 });
  });

  test("leave the point they are taken at as it was", () => {
    const at = Float64Array.of(1, 2);
    finiteDifferences((x) => (x[0] as number) * (x[1] as number), at);
    expect([...at]).toEqual([1, 2]);
  });

  test("in float32 find a slope to the noise they claim", () => {
    const f = (h: number): number => Math.fround(Math.exp(Math.fround(h)));
    expectClose(slope(f), 1, { absolute: slopeNoise });
  });
});

describe("arrays", () => {
  test("are filled and read by index, and repeat as in broadcasting", () => {
    const x = fromIndex([2, 3], (i = 0, j = 0) => 10 * i + j);
    expect([...x.data]).toEqual([0, 1, 2, 10, 11, 12]);
    expect([at(x, 1, 2), at(slow([7, 8], [2, 1]), 1, 5), at(slow([1, 2, 3]), 4, 1), at(slow([5], []), 3, 3)]).toEqual([12, 8, 2, 5]);
    expect(indexOf(4, [2, 3])).toEqual([1, 1]);
    expect(() => slow([1, 2], [3])).toThrow("slow: 2 numbers do not fill [3]");
  });

  test("are drawn the same for the same seed, within their bounds, exact in float32", () => {
    const x = drawn([1000], { seed: 3, low: -2, high: 1, awayFromZero: 0.1 });
    expect(drawn([1000], { seed: 3, low: -2, high: 1, awayFromZero: 0.1 })).toEqual(x);
    expect(drawn([1000], { seed: 4, low: -2, high: 1, awayFromZero: 0.1 })).not.toEqual(x);
    expect(Math.min(...x.data)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...x.data)).toBeLessThan(1);
    expect(Math.min(...x.data.map(Math.abs))).toBeCloseTo(0.1, 6);
    expect([...Float32Array.from(x.data)]).toEqual([...x.data]);
  });
});

test("slowErf has the values of tables", () => {
  // Abramowitz and Stegun, table 7.1
  expectClose([0, 0.5, 1, 2, -1, 3].map(slowErf), [0, 0.5204998778, 0.8427007929, 0.995322265, -0.8427007929, 0.9999779095], {
    absolute: 1e-10,
  });
  expect([slowErf(7), slowErf(-40)]).toEqual([1, -1]);
});
