import { describe, expect, test } from "vitest";
import { caseReport, type Measured, table } from "./report.ts";
import { median } from "./statistics.ts";

const measured: Measured = {
  case: { name: "a", imagesPerRun: 16, flopsPerRun: 8e9 },
  speeds: { ours: [20, 40, 30], peer: [10, 10, 30] },
  peerName: "PyTorch",
  openSeconds: 1.2345,
  peakRssBytes: 100,
  peerPeakRssBytes: null,
};

describe("caseReport", () => {
  test("takes medians of speeds and the median of the pairs' ratios", () => {
    // pairs 2, 4, 1; 30 images a second are 30 / 16 runs of 8 GFLOP
    expect(caseReport(measured, 60)).toEqual({
      name: "a",
      imagesPerSecond: 30,
      gflops: 15,
      machineGflops: 60,
      openSeconds: 1.23,
      peakRssBytes: 100,
      peer: { name: "PyTorch", imagesPerSecond: 10 },
      ratio: 2,
    });
  });
  test("has no peer and no ratio where only we ran", () => {
    const alone = caseReport({ ...measured, speeds: { ours: [3], peer: [] }, peerName: undefined }, 60);
    expect([alone.peer, alone.ratio, alone.imagesPerSecond]).toEqual([null, null, 3]);
  });
  test("has no GFLOPS where there are no products", () => {
    expect(caseReport({ ...measured, case: { name: "a", imagesPerRun: 1, flopsPerRun: null } }, 60).gflops).toBeNull();
  });
});

test("the table shows the share of the machine's peak and the range of the pairs", () => {
  expect(table([measured], 60).split("\n")[1]).toMatch(/^a +30\.0 +10\.0 +2\.00 +1\.00-4\.00 +3\.00 +15 +25 % +1\.2 +0 +-$/);
});

describe("median", () => {
  test("of an even number is the mean of the middle two", () => expect(median([4, 1, 3, 2])).toBe(2.5));
  test("refuses none", () => expect(() => median([])).toThrow("median: no values"));
});
