import fc from "fast-check";
import { expect, test } from "vitest";
import { attributes, textsOf } from "./charts.test.kit.ts";
import { legend, lineChart, pathOf } from "./line-chart.ts";
import { spreadOut } from "./references.ts";
import { scaleOf } from "./scale.ts";

const chart = (options: Partial<Parameters<typeof lineChart>[0]>) =>
  lineChart({ series: [], x: { label: "step" }, y: { label: "loss" }, height: 100, label: "a chart", ...options }).markup;

test("points, ticks and grid lie where the scales say", () => {
  // y: 0..10 padded by 0.6 above (nothing below zero), so 10 lies at 100 (1 - 10/10.6) = 5.66; x: 0..4 in 1000
  const markup = chart({ series: [{ name: "a", tone: 1, x: [0, 1, 4], y: [0, 10, 5] }] });
  expect(attributes(markup, "path", "curve", "d")).toEqual(["M0 100L250 5.7L1000 52.8"]);
  expect(textsOf(markup, "y-tick")).toEqual(["0", "10"]);
  expect(attributes(markup, "line", "grid", "y1")).toEqual(["100", "5.7"]);
  expect(textsOf(markup, "x-tick")).toEqual(["0", "1", "2", "3", "4"]);
  expect(attributes(markup, "text", "x-tick", "x")).toEqual(["0%", "25%", "50%", "75%", "100%"]);
  expect(attributes(markup, "circle", "dot", "cx")).toEqual(["0%", "25%", "100%"]);
  expect(attributes(markup, "circle", "dot", "cy")).toEqual(["100", "5.7", "52.8"]);
});

test("a logarithmic axis leaves out what has no logarithm", () => {
  const markup = chart({ series: [{ name: "a", tone: 1, x: [0, 1, 2, 3], y: [1, 0, -5, 100] }], y: { label: "norm", scale: "log" } });
  // 1..100 padded by 6 % of two decades: a decade is 100 / 2.24 pixels high
  const decade = 100 / 2.24;
  expect(attributes(markup, "line", "grid", "y1").map(Number)).toEqual(
    [0, 1, 2].map((i) => Math.round(10 * (100 - decade * (i + 0.12))) / 10),
  );
  expect(attributes(markup, "path", "curve", "d")[0]).toBe(`M0 ${(100 - 0.12 * decade).toFixed(1)}h0M1000 ${(0.12 * decade).toFixed(1)}h0`);
});

test("gaps interrupt a path, a point alone is a dot, values out of reach are not drawn", () => {
  const x = scaleOf({ label: "x" }, [0, 10], { ticks: 3 });
  const y = scaleOf({ label: "y" }, [0, 10], { ticks: 3 });
  const nan = Number.NaN;
  expect(pathOf({ x: [0, 1, 2, 3, 4, 5, 6], y: [nan, 1, 2, nan, 5, Number.POSITIVE_INFINITY, 7] }, x, y, 10)).toBe(
    "M100 9L200 8M400 5h0M600 3h0",
  );
});

test("references are lines with names that do not overlap", () => {
  const markup = chart({
    series: [{ name: "knn", tone: 1, x: [0, 1], y: [0, 1] }],
    references: [
      { name: "raw", y: 0.5, tone: 5 },
      { name: "untrained", y: 0.49, tone: 0 },
    ],
  });
  const [raw, untrained] = attributes(markup, "text", "reference-name", "y").map(Number) as [number, number];
  expect(textsOf(markup, "reference-name")).toEqual(["raw", "untrained"]);
  expect(untrained - raw).toBeCloseTo(14, 6);
  expect(attributes(markup, "line", "reference", "y1").map(Number)).toEqual([54.1, 55]); // 100 (1 - 0.5 / 1.09)
});

test("a name gives way to a curve above its line", () => {
  const nameAt = (y: readonly number[]): number => {
    const series = [{ name: "knn", tone: 1, x: [0, 1, 2], y }] as const;
    const markup = chart({ series, references: [{ name: "raw", y: 0.5, tone: 5 }], height: 109 });
    return Number(attributes(markup, "text", "reference-name", "y")[0]) - Number(attributes(markup, "line", "reference", "y1")[0]);
  };
  expect(nameAt([0, 0.2, 1])).toBeCloseTo(-5, 6);
  expect(nameAt([1, 0, 0.6])).toBeCloseTo(13, 6);
});

test("names keep their order and distance and stay within", () => {
  const wanted = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 10 });
  fc.assert(
    fc.property(wanted, (places) => {
      const spread = spreadOut(places, 14, 8, 196);
      const order = places.map((_, i) => i).sort((a, b) => (places[a] as number) - (places[b] as number));
      order.slice(1).forEach((i, at) => {
        expect((spread[i] as number) - (spread[order[at] as number] as number)).toBeGreaterThanOrEqual(14 - 1e-9);
      });
      for (const place of spread) expect(place >= 8 - 1e-9 && place <= 196 + 1e-9).toBe(true);
    }),
    { seed: 6 },
  );
  expect(spreadOut([50, 120], 14, 8, 196)).toEqual([50, 120]);
});

test("a long curve is thinned, its spike stays, and a short one shows its points", () => {
  const n = 100_000;
  const x = Array.from({ length: n }, (_, i) => i);
  const y = x.map((i) => (i === 61_803 ? 1000 : Math.sin(i / 500)));
  const long = chart({ series: [{ name: "a", tone: 1, x, y }], height: 200 });
  expect(long.length).toBeLessThan(60_000);
  const [path] = attributes(long, "path", "curve", "d") as [string];
  const points = path
    .slice(1)
    .split("L")
    .map((point) => point.split(" ").map(Number) as [number, number]);
  expect(points.reduce((a, b) => (b[1] < a[1] ? b : a))).toEqual([618, 10.7]); // 200 x 0.06 / 1.12: a padding above and one below
  expect(attributes(long, "circle", "dot", "cx")).toEqual([]);
});

test("nothing to show is said", () => {
  const empty = '<p class="empty">Nothing was recorded.</p>';
  expect(chart({})).toBe(empty);
  expect(chart({ series: [{ name: "a", tone: 1, x: [0, 1], y: [Number.NaN, Number.NaN] }] })).toBe(empty);
});

test("the readings are the values of the chart, and names from outside stay texts", () => {
  const name = `</svg><script>alert(1)</script>" onload="alert(1)`;
  const markup = chart({ series: [{ name, tone: 2, x: [0, 1], y: [0.123456789, Number.NaN] }], x: { label: name }, label: name });
  const [, data] = /data-readings="([^"]*)"/.exec(markup) as unknown as [string, string];
  const readings: unknown = JSON.parse(
    data.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
  );
  expect(readings).toEqual({ x: [0, 1], label: name, percent: false, series: [{ name, tone: 2, x: [0, 1], y: [0.12346, null] }] });
  expect(markup + legend([{ name, tone: 2 }]).markup).not.toMatch(/<script|" onload/);
});
