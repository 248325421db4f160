import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMetrics, runPaths, type Summary } from "@twinview/report";
import { afterAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-collapse-"));
const images = 60_000;

/** A run of `twinview train` on Fashion-MNIST, small enough for a few seconds. */
interface Run {
  readonly name: string;
  readonly method: string;
  readonly backbone: "vit-mini" | "resnet-18";
  readonly steps: number;
  readonly set?: readonly string[];
}

/** What a run left behind. */
interface Left {
  readonly out: string;
  readonly summary: Summary;
  readonly report: string;
  readonly events: readonly { readonly kind: string; readonly step?: number; readonly metric?: string }[];
  /** By step; the use of prototypes where there are any. */
  readonly spread: readonly number[];
  readonly use: readonly number[];
}

const fewImages = ["knn.everyEpochs=1", "knn.bank=500", "knn.queries=100", "knn.finalBank=2000", "knn.finalQueries=500"];
/** A ResNet of half the preset's width, and half the images a step: it takes four times as long as the ViT. */
const small = { "vit-mini": { batch: 64, set: [] }, "resnet-18": { batch: 32, set: ["backbone.width=8"] } } as const;

const trained = async ({ name, method, backbone, steps, set = [] }: Run): Promise<Left> => {
  const folder = join(scratch, name.replace(/\W+/g, "-"));
  const { batch, set: own } = small[backbone];
  const overrides = [...fewImages, ...own, ...set].flatMap((text) => ["--set", text]);
  const length = ["--batch", String(batch), "--epochs", String(steps / Math.floor(images / batch))];
  const where = ["--data", "fashion-mnist", "--backbone", backbone, "--threads", "1", "--out", folder];
  const { code, out, error } = await twinview("train", method, ...where, ...length, ...overrides);
  expect([code, error]).toEqual([0, ""]);
  const paths = runPaths(folder);
  const lines = readFileSync(paths.events, "utf8").trim().split("\n");
  const records = (await readMetrics(paths.metrics)).filter((record) => record.kind === "step");
  const left: Left = {
    out,
    summary: JSON.parse(readFileSync(paths.summary, "utf8")) as Summary,
    report: readFileSync(paths.report, "utf8"),
    events: lines.map((line) => JSON.parse(line) as Left["events"][number]),
    spread: records.map(({ embeddingStd }) => embeddingStd),
    use: records.flatMap(({ monitors }) => monitors?.prototypeEntropy ?? []),
  };
  expect(left.spread).toHaveLength(steps);
  return left;
};

const figures: string[] = [];
const note = ({ name }: Run, { spread, use, summary: { knn }, events }: Left): void => {
  const told = events.find(({ kind }) => kind === "collapse");
  const said = told === undefined ? "not told" : `told at step ${(told.step as number) + 1} by ${told.metric}`;
  const percent = (x: number | undefined): string => (100 * (x ?? Number.NaN)).toFixed(1);
  const accuracy = `kNN untrained ${percent(knn?.random)}, trained ${percent(knn?.trained)}`;
  const prototypes = use.length === 0 ? "" : `; prototypeEntropy least ${Math.min(...use).toFixed(3)}`;
  figures.push(
    `${name}: embeddingStd least ${Math.min(...spread).toFixed(3)}, last ${spread.at(-1)?.toFixed(3)}${prototypes}; ${said}; ${accuracy}; ${spread.length} steps`,
  );
};

const collapsing: readonly Run[] = [
  { name: "byol on vit, no predictor", method: "byol", backbone: "vit-mini", steps: 200, set: ["heads.predictor=false"] },
  { name: "swav on vit, no Sinkhorn", method: "swav", backbone: "vit-mini", steps: 200, set: ["codes.iterations=0"] },
  { name: "byol on resnet, no predictor", method: "byol", backbone: "resnet-18", steps: 100, set: ["heads.predictor=false"] },
  { name: "swav on resnet, no Sinkhorn", method: "swav", backbone: "resnet-18", steps: 100, set: ["codes.iterations=0"] },
];

const healthy: readonly Run[] = ["moco-v3", "simclr", "byol", "swav"].flatMap((method): readonly Run[] => [
  { name: `${method} on vit`, method, backbone: "vit-mini", steps: 200 },
  { name: `${method} on resnet`, method, backbone: "resnet-18", steps: 100 },
]);

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  process.stdout.write(`${figures.join("\n")}\n`);
});

describe("a collapse on real images", () => {
  it.each(collapsing)("$name: is told once within $steps steps, wherever one may look", async (run) => {
    const left = await trained(run);
    note(run, left);
    const told = left.events.filter(({ kind }) => kind === "collapse");
    expect(told).toEqual([expect.objectContaining({ since: expect.any(Number), value: expect.any(Number), floor: expect.any(Number) })]);
    const [{ step = Number.NaN, metric = "" } = {}] = told;
    expect(step).toBeLessThan(run.steps);
    expect(["embeddingStd", "prototypeEntropy"]).toContain(metric);
    expect(left.out.match(/^warning: collapse at step .*$/gm)).toEqual([
      expect.stringMatching(new RegExp(`^warning: collapse at step ${step + 1}: ${metric} is 0\\.\\d{3}, below 0\\.\\d+ since step \\d+`)),
    ]);
    expect(left.summary.stability.collapse).toBe(1);
    expect(left.report).toContain(`Collapse at step ${step + 1}: ${metric} is `);
    expect(left.events.filter(({ kind }) => kind === "recovery")).toEqual([]);
  });
});

describe("a healthy run on real images", () => {
  it.each(healthy)("$name: nothing is told", async (run) => {
    const left = await trained(run);
    note(run, left);
    expect(left.events.filter(({ kind }) => kind === "collapse" || kind === "recovery")).toEqual([]);
    expect(left.out).not.toMatch(/^(warning: |the )collapse/m);
    expect(left.summary.stability.collapse).toBe(0);
    expect(left.report).not.toMatch(/Collapse at step/);
  });
});
