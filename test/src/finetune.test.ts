import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encoderWeights, openRun, weightsHash } from "@twinview/assess";
import { constant, evaluate, type HostArray, type HostTree, rngOf, type Tensor, type Tree, toTensors } from "@twinview/core";
import { features, supervised, trainingStep } from "@twinview/methods";
import { mocoV3App } from "@twinview/moco-v3";
import { sgd } from "@twinview/optim";
import { drawn, expectClose } from "@twinview/testkit";
import { vit } from "@twinview/vit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { makeRun } from "./made-run.ts";
import { writePictures } from "./pictures.ts";
import { smallest } from "./tables/modules.ts";

describe("supervised", () => {
  const [batch, side, classes, lr] = [5, 8, 3, 0.7];
  const encoder = vit({ size: smallest, patch: 4, image: side });
  const labels = [0, 2, 1, 2, 2];
  const target = labels.flatMap((label) => Array.from({ length: classes }, (_, c) => (c === label ? 0.9 : 0.05)));
  const images = Array.from(drawn([batch, side, side, 3], { seed: 4 }).data, (x) => 128 + 100 * x);

  it("moves the classifier's offsets by the mean of softmax less target, as a step of plain descent", () => {
    const found = evaluate(() => {
      const targets = constant(target, [batch, classes]);
      const step = trainingStep({ encoder, method: supervised({ classes, targets }), optimizer: sgd({ momentum: 0 }) });
      const state = step.init(rngOf(1));
      const pixels = constant(images, [batch, side, side, 3]);
      const hyper = { lr: constant([lr], []), wd: constant([0], []) };
      const after = step.step({ state, views: [pixels], hyper });
      const f = features(encoder, { params: state.online.encoder, state: state.statistics.online }, pixels);
      return { before: state.online.heads, after: after.state.online.heads, f } as unknown as Tree<Tensor>;
    }) as unknown as Record<"before" | "after", { readonly classifier: { readonly fc1: Record<"w" | "b", HostArray> } }> & {
      readonly f: HostArray;
    };
    const { w, b } = found.before.classifier.fc1;
    const width = w.shape[0] as number;
    const moved = new Float64Array(classes);
    for (let n = 0; n < batch; n++) {
      const logits = Array.from({ length: classes }, (_, c) => {
        const row = Array.from({ length: width }, (__, i) => (found.f.data[n * width + i] as number) * (w.data[i * classes + c] as number));
        return row.reduce((sum, x) => sum + x, b.data[c] as number);
      });
      const exps = logits.map(Math.exp);
      const total = exps.reduce((sum, x) => sum + x, 0);
      exps.forEach((e, c) => {
        moved[c] = (moved[c] as number) - (lr * (e / total - (target[n * classes + c] as number))) / batch;
      });
    }
    const expected = moved.map((x, c) => x + (b.data[c] as number));
    expectClose(found.after.classifier.fc1.b, { shape: [classes], data: expected }, { ofLargest: 1e-5 });
  });

  it("has no loss without targets", () => {
    const step = trainingStep({ encoder, method: supervised({ classes, targets: undefined }), optimizer: sgd({ momentum: 0 }) });
    const run = () =>
      evaluate(() => {
        const pixels = (
          toTensors({
            x: { shape: [1, side, side, 3], dtype: "float32", data: new Float32Array(side * side * 3) },
          } as HostTree) as unknown as { x: Tensor }
        ).x;
        return step.step({ state: step.init(rngOf(1)), views: [pixels], hyper: { lr: constant([1], []), wd: constant([0], []) } })
          .metrics as Tree<Tensor>;
      });
    expect(run).toThrow("supervised: there are no targets");
  });
});

describe("twinview finetune", () => {
  const scratch = mkdtempSync(join(tmpdir(), "twinview-finetune-"));
  const run = join(scratch, "run");
  const pictures = join(scratch, "pictures");
  beforeAll(async () => {
    await writePictures(pictures, 80);
    await makeRun(run, mocoV3App, { wishes: { data: pictures }, set: ["heads.hidden=16", "heads.out=8"] });
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const tuned = async (...flags: readonly string[]) => {
    const { code, out, error } = await twinview("finetune", run, "--threads", "1", "--batch", "8", "--json", ...flags);
    expect([code, error]).toEqual([0, ""]);
    return JSON.parse(out) as {
      readonly test: number;
      readonly train: number;
      readonly gap: number;
      readonly steps: number;
      readonly images: { readonly train: number };
    };
  };

  it("learns two classes that look different, and tells test, training and the gap", async () => {
    const found = await tuned("--epochs", "12", "--rate", "0.01", "--weight-decay", "0");
    expect(found.images).toEqual({ train: 72, test: 8 });
    expect(found.steps).toBe(12 * 9);
    expect(found.train).toBeGreaterThan(0.9);
    expect(found.gap).toBeCloseTo(found.train - found.test, 10);
    expect(JSON.parse(readFileSync(join(run, "finetune", "online-labels-1-seed-0.json"), "utf8"))).toEqual(found);
  });

  it("uses a tenth of the labels of each class, and everything that mixes; the same seed gives the same numbers", async () => {
    const flags = "--labels 0.1 --epochs 2 --mixup 0.8 --cutmix 1 --erase 0.25 --seed 3".split(" ");
    const [a, b] = [await tuned(...flags), await tuned(...flags)];
    expect(a.images.train).toBe(8); // 4 of 36 in each class
    expect(b).toEqual(a);
  });

  it("trains the same encoder from scratch as the baseline", async () => {
    const found = await tuned("--from", "scratch", "--epochs", "1");
    expect(found).toMatchObject({ from: "scratch", layerDecay: 1, images: { train: 72, test: 8 } });
  });

  it("writes the tuned encoder, which eval and finetune take in the place of the run's own", async () => {
    const file = join(scratch, "tuned", "encoder.safetensors");
    await tuned("--from", "scratch", "--epochs", "1", "--to", file);
    const { code, out, error } = await twinview("eval", run, "--knn", "--k", "1", "--json", "--threads", "1", "--weights", file);
    expect([code, error]).toEqual([0, ""]);
    const { encoder, backbone } = JSON.parse(out) as {
      readonly encoder: string;
      readonly backbone: { readonly before: string; readonly unchanged: boolean };
    };
    expect([encoder, backbone.unchanged]).toEqual(["file", true]);
    const own = weightsHash(encoderWeights(await openRun({ "moco-v3": mocoV3App }, run), "untrained"));
    expect(backbone.before).not.toBe(own); // it was trained
    const again = await twinview("finetune", run, "--weights", file, "--epochs", "1", "--batch", "8", "--threads", "1");
    expect(again.out).toContain(`from ${file}, 72 labelled images, 9 steps\n`);
  }, 180_000);

  it("refuses data without labels, by the same errors as twinview eval", async () => {
    const { code, error } = await twinview("finetune", run, "--data", join(pictures, "fine"));
    expect(code).toBe(2);
    expect(error).toContain("error: the images have no labels\n");
  });
});
