import { expect, test } from "vitest";
import { bytesText, countText, durationText, percentText, pointsText, shortText } from "./number-text.ts";

test("numbers as people read them", () => {
  expect([0.8234, 1, 0].map(percentText)).toEqual(["82.3 %", "100.0 %", "0.0 %"]);
  expect([0.0723, -0.021, 0].map(pointsText)).toEqual(["+7.2 points", "−2.1 points", "+0.0 points"]);
  expect([12345.4, 7].map(countText)).toEqual(["12,345", "7"]);
  expect([0, 1.8649, 0.012345, 812.44, 1234.4, 0.001, 3.21e-7, 2e-9, 1.5e7, -2.5].map(shortText)).toEqual([
    "0",
    "1.86",
    "0.0123",
    "812",
    "1,234",
    "0.001",
    "3.21e-7",
    "2e-9",
    "1.5e7",
    "-2.5",
  ]);
  expect([0.31, 59.94, 59.96, 126, 3599.6, 7500].map(durationText)).toEqual([
    "0.3 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 6 s",
    "1 h 0 min",
    "2 h 5 min",
  ]);
  expect([612e6, 999.4e6, 1e9, 8.25e9].map(bytesText)).toEqual(["612 MB", "999 MB", "1.0 GB", "8.3 GB"]);
});

test("what was not recorded is a dash", () => {
  for (const text of [percentText, pointsText, countText, shortText, durationText, bytesText]) {
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(text)).toEqual(["–", "–"]);
  }
});
