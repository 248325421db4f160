import { createHash } from "node:crypto";
import { hostileTexts } from "@twinview/testkit";
import { expect, test } from "vitest";
import { picturesIn, textsOf } from "./charts.test.kit.ts";
import { configTables } from "./details.ts";
import type { MetricRecord } from "./metric-record.ts";
import { poisoned as poisonedLike } from "./poisoned-run.test.kit.ts";
import { renderReport } from "./report.ts";
import { syntheticRun } from "./synthetic-run.test.kit.ts";

const run = syntheticRun({ steps: 120 });
const short = syntheticRun({ steps: 40 });
const poisoned = (text: string) => poisonedLike(text, short);

/** What a page shows: without its style and its script. */
const bodyOf = (page: string): string => page.slice(page.indexOf("<main>"), page.indexOf("</main>"));
/** Slips of the pen in a page: values that were turned into text without thought. */
const slipsIn = (page: string): readonly string[] => bodyOf(page).match(/NaN|undefined|Infinity|\[object/g) ?? [];

/** The tags of a page by name, with how often each occurs: what text can never add to. */
const tagsOf = (page: string): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  const markup = page.replace(/<style>[\s\S]*?<\/style>/, "").replace(/(<script>)[\s\S]*?(<\/script>)/, "$1$2");
  for (const [tag] of markup.matchAll(/<[^>]*>?/g)) {
    const name = /^<\/?[a-z0-9!]*/i.exec(tag)?.[0] ?? tag;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test("no text from outside becomes markup: the page of a hostile run has the very elements and attributes of a harmless one", () => {
  const attributesOf = (page: string) => [...page.matchAll(/ ([a-z-]+)="/g)].map(([, name]) => name).sort();
  const harmless = renderReport(poisoned("harmless"));
  for (const text of hostileTexts) {
    const page = renderReport(poisoned(text));
    expect(tagsOf(page), text.slice(0, 80)).toEqual(tagsOf(harmless));
    expect(attributesOf(bodyOf(page)), text.slice(0, 80)).toEqual(attributesOf(bodyOf(harmless)));
  }
});

test("every field was poisoned: the text stands in each part of the page", () => {
  const page = renderReport(poisoned("<q>"));
  const parts = page
    .slice(page.indexOf("<main>"))
    .split("<h2>")
    .map((part) => part.includes("&lt;q&gt;"));
  expect(parts).toEqual([true, false, true, true, true, false, true, true, true]); // no texts among the headline numbers and the views
  expect(page.includes("<q>")).toBe(false);
});

test("the policy allows the page's own style and script by their hashes and nothing else", () => {
  const page = renderReport(run);
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page) as unknown as [string, string];
  const rules = Object.fromEntries(
    policy
      .replaceAll("&#39;", "'")
      .split("; ")
      .map((rule) => [rule.slice(0, rule.indexOf(" ")), rule.slice(rule.indexOf(" ") + 1)]),
  );
  const sha = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(rules).toEqual({
    "default-src": "'none'",
    "img-src": "data:",
    "style-src": sha((/<style>([\s\S]*?)<\/style>/.exec(page) as unknown as [string, string])[1]),
    "script-src": sha((/<script>([\s\S]*?)<\/script>/.exec(page) as unknown as [string, string])[1]),
    "base-uri": "'none'",
    "form-action": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
  });
  expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  expect(page.match(/ style=| on[a-z]+="|unsafe-|https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
});

test("the numbers that a run is judged by are there, losses of accuracy by their sign", () => {
  const page = renderReport(run);
  for (const text of [
    "82.4<span",
    "70.3<span",
    "75.2<span",
    "+12.1 points",
    "+7.2 points",
    "from 4.93",
    "812 / s",
    "612 MB",
    "3 spikes",
    "all finite, collapsed",
  ])
    expect(page.includes(text), text).toBe(true);
  const worse = renderReport({
    ...run,
    summary: { ...run.summary, knn: { raw: 0.9, random: 0.5, trained: 0.8, k: 20 }, linear: { best: 0.91, last: 0.9, lr: 1 } },
  });
  expect(worse).toContain('<span class="down">−10.0 points</span> against raw pixels');
  expect(worse).toContain("best 91.0 %");
});

test("a run without labels and of two steps, and one of which nothing was recorded", () => {
  const two = renderReport(syntheticRun({ steps: 2, labels: false }));
  expect(two).toContain("The images have no classes");
  expect(two).not.toContain("kNN accuracy during training");
  expect(slipsIn(two)).toEqual([]);
  const none = renderReport({ ...run, records: [], samples: [], neighbours: [], notes: [] });
  expect(none).toContain("Nothing was recorded.");
  expect([...none.matchAll(/<h2>([^<]*)/g)].map(([, title]) => title)).toEqual([
    "kNN accuracy",
    "Training",
    "Embeddings",
    "Configuration and machine",
  ]);
  expect(slipsIn(none)).toEqual([]);
});

test("all that belongs into a report is in it", () => {
  const page = renderReport(run);
  const titles = [...page.matchAll(/<h[23]>([^<]*)/g)].map(([, title]) => title);
  expect(titles).toEqual(
    expect.arrayContaining([
      "kNN accuracy",
      "Loss",
      "kNN accuracy during training",
      "Learning rate",
      "Momentum of the target encoder",
      "Spread of the embeddings",
      "Effective rank",
      "Alignment",
      "Uniformity",
      "Speed",
      "Gradient norm of each layer",
      "Gradient norm of each layer over its median",
      "First and last layer of the encoder",
      "Norm of the whole gradient",
      "Largest spikes",
      "What the method sees",
      "Nearest neighbours",
      "Notes",
      "Configuration and machine",
    ]),
  );
  expect(textsOf(page, "reference-name")).toEqual(["raw pixels 75.2 %", "untrained 70.3 %", "collapse below 0.35"]);
  expect(picturesIn(page).map(({ width, height }) => [width, height])).toEqual([
    [255, 1],
    [120, 60],
    [255, 1],
    [120, 60],
  ]);
  expect([...page.matchAll(/<img /g)]).toHaveLength(6 * 3 + 8 * 9);
  expect(slipsIn(page)).toEqual([]);
});

test("a hundred thousand steps fit a page no larger than a thousand do, and a spike of one step survives", () => {
  const like = syntheticRun({ steps: 1 });
  const paths = ["encoder/patch/w", "encoder/norm/gamma", "heads/projector/fc1/w"];
  const records = Array.from({ length: 100_000 }, (_, n): MetricRecord => {
    const norm = n === 70_001 ? 50 : 1 + (n % 3) / 10;
    const gradientNorms = Object.fromEntries(paths.map((path) => [path, norm]));
    return {
      kind: "step",
      step: n,
      epoch: n / 100,
      loss: norm,
      hyper: { lr: 1e-3 },
      gradientNorm: norm,
      gradientNorms,
      embeddingStd: 1,
      imagesPerSecond: 1,
      waitShare: 0,
    };
  });
  const page = renderReport({ ...like, records });
  expect(page.length).toBeLessThan(500_000);
  const [, , , map] = picturesIn(page); // after the maps of norms as they are and the keys
  expect(map).toMatchObject({ width: 600, height: 3 });
  const bright = [...(map?.pixels ?? [])].flatMap((level, i) => (level === 255 ? [i] : []));
  expect(bright).toEqual([420, 1020, 1620]); // 70,002 of 100,000 steps, in each of the 3 rows of 600
});

test("images that are no PNG data are not shown, nor asked for", () => {
  const page = renderReport({ ...run, samples: [{ original: "https://example.invalid/a.png", views: ["javascript:x"] }], neighbours: [] });
  expect(page.match(/<img|example\.invalid/g)).toBeNull();
  expect([...page.matchAll(/class="no-picture"/g)]).toHaveLength(2);
});

test("a configuration as tables: parts apart, deep and odd values in short", () => {
  const config = { lr: 0.00012345, name: "x".repeat(1000), part: { on: true, none: null, inner: { list: [1, { a: 2 }], empty: {} } } };
  const { markup } = configTables(config, { memoryBytes: 8.2e9 });
  const rows = [...markup.matchAll(/<tr><td>([^<]*)<\/td><td>([^<]*)/g)].map(([, name, text]) => [name, text]);
  expect(rows).toEqual([
    ["lr", "0.000123"],
    ["name", `${"x".repeat(400)}...`],
    ["on", "true"],
    ["none", "null"],
    ["inner.list", "[1,{&quot;a&quot;:2}]"],
    ["inner.empty", "{}"],
    ["memoryBytes", "8.2 GB"],
  ]);
  expect(markup).toContain("&quot;lr&quot;: 0.00012345");
});
