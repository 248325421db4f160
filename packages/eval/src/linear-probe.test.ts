import { fold, type HostArray, hostArray, normals, rngOf } from "@twinview/core";
import { onnxEngine, referenceEngine } from "@twinview/engine";
import { drawn, expectClose } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { type LinearProbeOptions, linearProbe } from "./linear-probe.ts";
import { type ProbeSetting, probeScore, probeState, probeStep } from "./probe-programs.ts";
import { type LabelledRows, rowsAt } from "./rows.ts";
import { standardize, standardizerOf } from "./standardize.ts";
import { oneHot } from "./sweep.ts";

const sizes = { width: 5, classes: 3, batch: 8 };
const settings: readonly ProbeSetting[] = [
  { lr: 0.3, wd: 0 },
  { lr: 0.05, wd: 0.1 },
  { lr: 2, wd: 0.01 },
];
const momentum = 0.9;
const steps = 6;
const batches = Array.from({ length: steps }, (_, step) => ({
  x: drawn([sizes.batch, sizes.width], { seed: 10 + step }),
  labels: Int32Array.from({ length: sizes.batch }, (_, i) => (i * 7 + step) % sizes.classes),
  schedule: 1 - step / steps,
}));

/** One classifier in float64, one sample and one weight at a time, as torch.optim.SGD does it. */
const slowSgd = ({ lr, wd }: ProbeSetting): { readonly w: number[][]; readonly b: number[] } => {
  const zeros = (): number[][] => Array.from({ length: sizes.width }, () => new Array<number>(sizes.classes).fill(0));
  const [w, v] = [zeros(), zeros()];
  const [b, vb] = [new Array<number>(sizes.classes).fill(0), new Array<number>(sizes.classes).fill(0)];
  for (const { x, labels, schedule } of batches) {
    const gradient = zeros();
    const gradientB = new Array<number>(sizes.classes).fill(0);
    labels.forEach((label, n) => {
      const row = Array.from({ length: sizes.width }, (_, i) => x.data[n * sizes.width + i] as number);
      const exps = b.map((bias, c) => Math.exp(row.reduce((sum, value, i) => sum + value * (w[i]?.[c] as number), bias)));
      const total = exps.reduce((p, q) => p + q, 0);
      exps.forEach((e, c) => {
        const error = (e / total - (c === label ? 1 : 0)) / labels.length;
        row.forEach((value, i) => {
          (gradient[i] as number[])[c] = (gradient[i]?.[c] as number) + value * error;
        });
        gradientB[c] = (gradientB[c] as number) + error;
      });
    });
    for (let c = 0; c < sizes.classes; c++) {
      for (let i = 0; i < sizes.width; i++) {
        const decayed = (gradient[i]?.[c] as number) + wd * (w[i]?.[c] as number);
        (v[i] as number[])[c] = momentum * (v[i]?.[c] as number) + decayed;
        (w[i] as number[])[c] = (w[i]?.[c] as number) - schedule * lr * (v[i]?.[c] as number);
      }
      vb[c] = momentum * (vb[c] as number) + (gradientB[c] as number);
      b[c] = (b[c] as number) - schedule * lr * (vb[c] as number);
    }
  }
  return { w, b };
};

describe.each([
  ["onnx", () => onnxEngine({ spinning: false })],
  ["reference", referenceEngine],
] as const)("the batched program on the %s engine", (_, engine) => {
  it("trains every setting as it would be trained alone, by loops in float64", async () => {
    const session = await engine().open({
      state: probeState(settings.length, sizes),
      programs: { step: probeStep(settings, sizes, { momentum }) },
      threads: 1,
    });
    for (const { x, labels, schedule } of batches) {
      const targets = oneHot(labels, sizes.batch, sizes.classes);
      await session.run("step", { x: hostArray(Float32Array.from(x.data), x.shape), targets, schedule: hostArray([schedule], []) });
    }
    const { w, b } = (await session.read()) as { readonly w: HostArray; readonly b: HostArray };
    await session.close();
    for (const [s, setting] of settings.entries()) {
      const slow = slowSgd(setting);
      const at = s * sizes.classes;
      const ofSetting = Array.from({ length: sizes.width * sizes.classes }, (_, i) => {
        const [row, c] = [Math.floor(i / sizes.classes), i % sizes.classes];
        return w.data[row * settings.length * sizes.classes + at + c] as number;
      });
      const close = (found: readonly number[], expected: readonly number[]) =>
        expectClose({ shape: [found.length], data: found }, { shape: [expected.length], data: expected }, { ofLargest: 2e-6 });
      close(ofSetting, slow.w.flat());
      close(Array.from(b.data.subarray(at, at + sizes.classes)), slow.b);
    }
  });

  it("counts right answers and losses, rows that only fill up left out, ties as wrong", async () => {
    const state = { ...(probeState(2, sizes) as object), b: hostArray([0, 0, 0, 1, 3, 2], [6]) } as never;
    const session = await engine().open({ state, programs: { score: probeScore(2, sizes) }, threads: 1 });
    const targets = oneHot([1, 1, 2], sizes.batch, sizes.classes);
    const { outputs } = await session.run("score", { x: hostArray(new Float32Array(40), [8, 5]), targets });
    await session.close();
    expect(Array.from((outputs.right as HostArray).data)).toEqual([0, 2]);
    const partition = Math.log(Math.exp(1) + Math.exp(3) + Math.exp(2));
    expectClose(outputs.loss as HostArray, { shape: [2], data: [3 * Math.log(3), 3 * partition - 3 - 3 - 2] }, { ofLargest: 1e-6 });
  });
});

const classes = 3;
/** Three overlapping clouds. */
const cloud = (count: number, seed: number, width = 6): LabelledRows => {
  const draw = normals(fold(rngOf(seed), "cloud"));
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  const data = Float32Array.from({ length: count * width }, (_, at) => {
    const centre = at % width === labels[Math.floor(at / width)] ? 2 : 0;
    return 50 + 10 * (centre + draw());
  });
  return { features: { rows: count, width, data }, labels };
};

const options = (change: Partial<LinearProbeOptions> = {}): LinearProbeOptions => ({
  engine: referenceEngine(),
  fit: cloud(150, 1),
  heldOut: cloud(60, 2),
  test: cloud(90, 3),
  classes,
  rates: [1e-6, 0.3, 1e30],
  decays: [0, 0.01],
  epochs: 12,
  batch: 50,
  rng: rngOf(5),
  ...change,
});

describe("linearProbe", () => {
  it("chooses by the held-out part, with settings beside it that learn nothing or leave the numbers", async () => {
    const probe = await linearProbe(options());
    expect(probe.lr).toBe(0.3);
    expect(probe.last).toBeGreaterThan(0.75); // chance is .33; the Bayes rate of these clouds is near .88
    expect(probe.settings.map(({ lr, wd }) => [lr, wd])).toEqual([1e-6, 0.3, 1e30].flatMap((lr) => [0, 0.01].map((wd) => [lr, wd])));
    const chosen = probe.settings.find(({ lr, wd }) => lr === probe.lr && wd === probe.wd);
    expect(chosen?.last).toBe(probe.heldOut);
    expect(Math.max(...probe.settings.map(({ last }) => last))).toBe(probe.heldOut);
    const right = probe.predicted.filter((given, i) => given === i % classes).length;
    expect(right / 90).toBe(probe.last);
  });

  it("never chooses by the test set: another test set gives the same choice", async () => {
    const [a, b] = [await linearProbe(options()), await linearProbe(options({ test: cloud(90, 77) }))];
    expect([b.lr, b.wd, b.bestEpoch, b.heldOut, b.settings]).toEqual([a.lr, a.wd, a.bestEpoch, a.heldOut, a.settings]);
    expect(b.last).not.toBe(a.last);
  });

  it("takes the features of each epoch when they are augmented", async () => {
    const seen: number[] = [];
    const fit = cloud(150, 1);
    const features = rowsAt(
      fit.features,
      fit.labels.map((_, i) => (i + 1) % 150), // each image with the features of another class
    );
    const augmented = (epoch: number) => {
      seen.push(epoch);
      return features;
    };
    const probe = await linearProbe(options({ fit: { ...fit, augmented }, epochs: 3, rates: [0.3], decays: [0] }));
    expect(seen).toEqual([0, 1, 2]);
    expect(probe.last).toBeLessThan(0.2);
  });

  it("trains settings in groups where their logits would not fit, with the same result", async () => {
    const together = await linearProbe(options({ epochs: 4 }));
    const apart = await linearProbe(options({ epochs: 4, logitsAtOnce: 4 * 50 * classes }));
    expect(apart.settings).toEqual(together.settings);
    expect([apart.lr, apart.wd, apart.last]).toEqual([together.lr, together.wd, together.last]);
  });

  it.each([
    [{ classes: 1 }, "linearProbe: classes is 1, expected at least 2"],
    [{ test: cloud(9, 1, 4) }, "linearProbe: test has features of width 4, expected 6"],
    [{ heldOut: cloud(0, 1) }, "linearProbe: heldOut.rows is 0, expected at least 1"],
    [{ test: { ...cloud(9, 1), labels: Int32Array.of(3) } }, "linearProbe: test.labels.length is 1, expected one label a row"],
    [{ classes: 2 }, "linearProbe: fit has a label 2, expected 0 to 1"],
  ])("refuses what does not fit (%#)", async (change, text) => {
    await expect(linearProbe(options(change))).rejects.toThrow(text);
  });
});

describe("standardize", () => {
  it("brings every column to mean 0 and deviation 1, a constant one to 0", () => {
    const rows = { rows: 4, width: 2, data: Float32Array.of(1, 7, 2, 7, 3, 7, 6, 7) };
    const deviation = Math.sqrt(14 / 4);
    const { data } = standardize(rows, standardizerOf(rows));
    expectClose({ shape: [8], data }, { shape: [8], data: [-2, 0, -1, 0, 0, 0, 3, 0].map((x) => x / deviation) }, { absolute: 1e-6 });
    expect(() => standardize(rowsAt({ ...rows, rows: 8, width: 1 }, [0]), standardizerOf(rows))).toThrow(
      "standardize: rows has features of width 1, expected 2",
    );
  });
});
