import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-commands-"));
const pictures = join(scratch, "pictures");
const small = ["moco-v3", "--data", pictures, "--epochs", "2", "--batch", "4", "--threads", "1", "--set", "heads.hidden=32"];

beforeAll(() => writePictures(pictures, 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("twinview rehearse", () => {
  const run = join(scratch, "rehearsal");

  it("does in two steps all that a run does, and says so", async () => {
    const { code, out, error } = await twinview("rehearse", ...small, "--out", run);
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(/^kNN \(k \d+\): raw pixels [\d.]+ %, untrained [\d.]+ %, trained [\d.]+ %$/m);
    expect(out).toMatch(/\nrehearsed in [\d.]+s: training, checkpoint, kNN and report all work\n$/);
    expect(readdirSync(run).sort()).toEqual([
      "checkpoints",
      "config.json",
      "env.json",
      "events.jsonl",
      "metrics.jsonl",
      "report.html",
      "summary.json",
    ]);
    expect(readdirSync(join(run, "checkpoints"))).toEqual(["step-000002"]);
    const kinds = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(kinds.map((line) => (JSON.parse(line) as { kind: string }).kind).filter((kind) => kind === "step")).toHaveLength(2);
  });

  it("writes the summary that tools read, by the names they know", () => {
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8")) as Readonly<Record<string, unknown>>;
    expect(summary).toMatchObject({
      method: "moco-v3",
      backbone: "vit-mini/8",
      dataset: pictures,
      seed: 0,
      steps: 2,
      imagesPerSecond: expect.any(Number),
      peakRssBytes: expect.any(Number),
      loss: { first: expect.any(Number), last: expect.any(Number) },
      knn: { raw: expect.any(Number), random: expect.any(Number), trained: expect.any(Number), k: expect.any(Number) },
      stability: { spikes: 0, dips: 0, nonFinite: 0 },
      seconds: expect.any(Number),
    });
  });
});

describe("twinview plan", () => {
  it("says what a run will be and cost, and starts nothing", async () => {
    const { code, out, error } = await twinview("plan", ...small, "--json");
    expect([code, error]).toEqual([0, ""]);
    const [dim, depth, hidden, width, embedding] = [96, 4, 4 * 96, 32, 128] as const;
    const affine = (from: number, to: number): number => from * to + to;
    const block = 2 * 2 * dim + affine(dim, 3 * dim) + affine(dim, dim) + affine(dim, hidden) + affine(hidden, dim);
    const encoder = affine(8 * 8 * 3, dim) + dim + depth * block + 2 * dim;
    const projector = dim * width + 2 * width + width * width + 2 * width + width * embedding;
    const predictor = embedding * width + 2 * width + width * embedding;
    expect(JSON.parse(out)).toMatchObject({
      parameters: encoder + projector + predictor,
      steps: 2 * Math.floor(18 / 4),
      config: { method: "moco-v3", batch: 4, epochs: 2, image: 32, backbone: { family: "vit", size: "mini", patch: 8 } },
      reasons: expect.arrayContaining([expect.stringContaining("18 images of 32 x 32 pixels, 2 classes, 2 test images held out")]),
    });
    expect(readdirSync(scratch).sort()).toEqual(["pictures", "rehearsal"]);
  });
});

describe("--share", () => {
  it("trains on that share of the images: an epoch is shorter, and the configuration says so", async () => {
    const run = join(scratch, "share");
    const { code, error } = await twinview("train", ...small, "--share", "0.5", "--out", run);
    expect([code, error]).toEqual([0, ""]);
    const read = (name: string) => JSON.parse(readFileSync(join(run, name), "utf8")) as Readonly<Record<string, unknown>>;
    expect(read("config.json").share).toBe(0.5);
    const images = 18; // of 20, a tenth of each class is for testing
    expect(read("summary.json").steps).toBe(2 * Math.floor((0.5 * images) / 4));
    expect((await twinview("train", ...small, "--share", "0.5", "--out", run)).code).toBe(0); // the same run, finished
    const other = await twinview("train", ...small, "--share", "0.6", "--out", run);
    expect([other.code, other.error]).toEqual([2, expect.stringContaining("share")]);
  });
});
