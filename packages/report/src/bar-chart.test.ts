import { expect, test } from "vitest";
import { barChart } from "./bar-chart.ts";
import { attributes, textsOf } from "./charts.test.kit.ts";

const bars = [
  { name: "trained", value: 0.8, text: "80 %", tone: 1 },
  { name: "<b>", value: 0.2, text: "20 %", tone: 0 },
  { name: "unknown", value: Number.NaN, text: "–", tone: 0 },
  { name: "below", value: -1, text: "-1", tone: 0 },
  { name: "beyond", value: 4, text: "4", tone: 0 },
] as const;

test("bars are as long as their values against the largest or a given one", () => {
  const markup = barChart({ bars, max: 1, label: "bars" }).markup;
  expect(attributes(markup, "rect", "bar tone", "width")).toEqual(["80%", "20%", "0%", "0%", "100%"]);
  expect(attributes(markup, "rect", "bar tone", "y")).toEqual(["16", "50", "84", "118", "152"]);
  expect(textsOf(markup, "bar-name")).toEqual(["trained", "&lt;b&gt;", "unknown", "below", "beyond"]);
  expect(textsOf(markup, "bar-value")).toEqual(["80 %", "20 %", "–", "-1", "4"]);
  expect(attributes(barChart({ bars, label: "bars" }).markup, "rect", "bar tone", "width")).toEqual(["20%", "5%", "0%", "0%", "100%"]);
});

test("an error is a line about the end of its bar, cut at the chart's ends; a value that is not finite has none", () => {
  const [first, , third] = bars;
  const markup = barChart({
    bars: [{ ...first, error: 0.1 }, { ...first, error: 0.4 }, { ...third, error: 0.1 }, first],
    max: 1,
    label: "bars",
  }).markup;
  expect(attributes(markup, "line", "bar-error", "x1")).toEqual(["70%", "40%"]);
  expect(attributes(markup, "line", "bar-error", "x2")).toEqual(["90%", "100%"]);
  expect(attributes(markup, "line", "bar-error", "y1")).toEqual(["22", "56"]);
});
