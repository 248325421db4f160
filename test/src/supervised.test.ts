import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smoothTargets } from "@twinview/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-supervised-"));
const pictures = join(scratch, "pictures");
beforeAll(() => writePictures(pictures, 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const train = (name: string, ...flags: readonly string[]) =>
  twinview("train", "supervised", "--data", pictures, "--batch", "4", "--threads", "1", "--out", join(scratch, name), ...flags);

const lossesOf = (name: string): readonly number[] =>
  readFileSync(join(scratch, name, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly loss: number })
    .flatMap(({ kind, loss }) => (kind === "step" ? [loss] : []));

describe("targets", () => {
  it("are (1 - s) onehot + s / classes, of classes that need not be in order", () => {
    const { shape, data } = smoothTargets([2, 0], 3, 0.3);
    expect(shape).toEqual([2, 3]);
    for (const [i, x] of [0.1, 0.1, 0.8, 0.8, 0.1, 0.1].entries()) expect(data[i]).toBeCloseTo(x, 6);
  });
});

describe("twinview train supervised", () => {
  it.each([["vit-mini"], ["resnet-18", "backbone.width=8"]])(
    "%s learns to tell two classes apart by the loop that pre-trains",
    async (backbone, ...set) => {
      const fast = ["--set", "optimizer.baseRate=0.1", "--set", "smoothing=0", ...set.flatMap((each) => ["--set", each])];
      const { code, error } = await train(backbone, "--backbone", backbone, "--epochs", "20", ...fast);
      expect([code, error]).toEqual([0, ""]);
      const losses = lossesOf(backbone);
      expect(losses).toHaveLength(20 * 4);
      const mean = (some: readonly number[]): number => some.reduce((sum, x) => sum + x, 0) / some.length;
      expect(mean(losses.slice(0, 4))).toBeGreaterThan(0.5); // log 2 before anything is learnt
      expect(mean(losses.slice(-8))).toBeLessThan(0.45);
      const { stability } = JSON.parse(readFileSync(join(scratch, backbone, "summary.json"), "utf8")) as Record<string, unknown>;
      expect(stability).toMatchObject({ collapse: 0 });
    },
  );

  it("writes how many classes there are; the same seed gives the same losses", async () => {
    const losses = async (name: string): Promise<readonly unknown[]> => {
      const { code, error } = await train(name, "--epochs", "1");
      expect([code, error]).toEqual([0, ""]);
      const lines = readFileSync(join(scratch, name, "metrics.jsonl"), "utf8")
        .trim()
        .split("\n");
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>).flatMap(({ kind, loss }) => (kind === "step" ? [loss] : []));
    };
    const first = await losses("a");
    expect(first).toHaveLength(4);
    expect(await losses("b")).toEqual(first);
    expect(JSON.parse(readFileSync(join(scratch, "a", "config.json"), "utf8"))).toMatchObject({
      method: "supervised",
      classes: 2,
      smoothing: 0.1,
    });
  });

  it("keeps the targets of a step that is not finite: replay gives the same bits", async () => {
    const { code } = await train("nan", "--epochs", "2", "--set", "optimizer.baseRate=1e38", "--set", "optimizer.warmupEpochs=0");
    expect(code).toBe(2);
    const [flight = ""] = readdirSync(join(scratch, "nan", "flight"));
    const replayed = await twinview("replay", join(scratch, "nan", "flight", flight), "--json");
    expect(replayed.code).toBe(0);
    expect(JSON.parse(replayed.out)).toMatchObject({ method: "supervised", identical: true });
  });

  it("refuses images without labels, and micro-batches", async () => {
    const plain = await twinview(
      "train",
      "supervised",
      "--data",
      join(pictures, readdirSync(pictures)[0] as string),
      "--out",
      join(scratch, "never"),
    );
    expect(plain.code).toBe(2);
    expect(plain.error).toMatch(/^error: supervised learns from labels, and the images have none\n {2}where: --data /);
    const cut = await train("never", "--epochs", "1", "--set", "microBatch=2");
    expect(cut.code).toBe(2);
    expect(cut.error).toContain("with labels a step runs at once");
    expect(readdirSync(scratch)).not.toContain("never");
  });
});
