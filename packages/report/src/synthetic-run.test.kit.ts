import type { MetricRecord } from "./metric-record.ts";
import { palettePng, pngDataUri } from "./palette-png.ts";
import type { ReportInput } from "./report-input.ts";

/** Numbers in 0..1 that are the same in every run (a linear congruential generator). */
export const stream = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

const blockLeaves = ["norm1/gamma", "norm1/beta", "attention/qkv/w", "attention/qkv/b", "attention/out/w", "attention/out/b"];
const moreLeaves = ["norm2/gamma", "norm2/beta", "mlp/fc1/w", "mlp/fc1/b", "mlp/fc2/w", "mlp/fc2/b"];

/** Paths like those of a small ViT with the heads of MoCo v3: 12 a block and 12 others. */
export const layerPaths = (blocks: number): readonly string[] => [
  "encoder/patch/w",
  "encoder/patch/b",
  "encoder/token",
  ...Array.from({ length: blocks }, (_, i) => [...blockLeaves, ...moreLeaves].map((leaf) => `encoder/blocks/block0${i}/${leaf}`)).flat(),
  "encoder/norm/gamma",
  "encoder/norm/beta",
  ...["fc1/w", "bn1/gamma", "fc2/w", "bn2/gamma", "fc3/w"].map((leaf) => `heads/projector/${leaf}`),
  ...["fc1/w", "fc2/w"].map((leaf) => `heads/predictor/${leaf}`),
];

const shapes = 5;

/** A picture of 28 x 28 pixels: a disc, ring, cross, bar or triangle in a place of its own, on a ground. */
export const shapePng = (kind: number, random: () => number): string => {
  const [cx, cy, r, shade] = [10 + 8 * random(), 10 + 8 * random(), 6 + 4 * random(), 1 + Math.floor(random() * 7)];
  const inside = (x: number, y: number): boolean => {
    const [dx, dy] = [x - cx, y - cy];
    const distance = Math.hypot(dx, dy);
    if (kind === 0) return distance < r;
    if (kind === 1) return distance < r && distance > r / 2;
    if (kind === 2) return Math.min(Math.abs(dx), Math.abs(dy)) < 2.5 && distance < r + 2;
    if (kind === 3) return Math.abs(dx) < 3 && Math.abs(dy) < r + 2;
    return dy < r / 2 && dy > -r && Math.abs(dx) < (dy + r) / 1.6;
  };
  const indices = Uint8Array.from({ length: 28 * 28 }, (_, i) => (inside(i % 28, Math.floor(i / 28)) ? 1 + shade : 1));
  const palette = [[0, 0, 0], [24, 26, 32], ...Array.from({ length: 8 }, (_, i) => [90 + 20 * i, 210 - 14 * i, 120 + 12 * i])];
  return pngDataUri(palettePng({ width: 28, height: 28, indices, palette: palette as [number, number, number][] }));
};

/** A value of a layer whose norm falls with depth and time, doubles up and down, and leaps at a few steps, first layers first. */
const normAt = (layer: number, layers: number, step: number, steps: number, random: () => number): number => {
  const leap = [0.31, 0.52, 0.78].some((share) => {
    const start = Math.floor(share * steps) + Math.floor((6 * layer) / layers);
    return step >= start && step < start + 3;
  });
  const base = 0.4 * Math.exp(-2.2 * (step / steps)) * (0.15 + ((layer * 7) % 12) / 8) * 10 ** -(layer % 3);
  return base * (0.7 + 0.6 * random()) * (leap ? 3 + 12 * (1 - layer / layers) : 1);
};

export interface SyntheticOptions {
  readonly steps: number;
  readonly blocks?: number;
  readonly labels?: boolean;
}

/** The records of a made-up run. */
export const syntheticRecords = ({ steps, blocks = 4, labels = true }: SyntheticOptions): readonly MetricRecord[] => {
  const random = stream(7);
  const paths = layerPaths(blocks);
  const records: MetricRecord[] = [
    { kind: "baseline", raw: labels ? { "20": 0.752, "200": 0.741 } : null, random: labels ? { "20": 0.703, "200": 0.69 } : null },
  ];
  for (let step = 0; step < steps; step++) {
    const at = step / steps;
    const gradientNorms = Object.fromEntries(paths.map((path, i) => [path, normAt(i, paths.length, step, steps, random)]));
    records.push({
      kind: "step",
      step,
      epoch: ((step + 1) * 256) / 60000,
      loss: 4.9 - 3.1 * (1 - Math.exp(-4 * at)) + 0.25 * (random() - 0.5),
      hyper: {
        lr: at < 0.1 ? at * 1e-2 : 5e-4 * (1 + Math.cos((Math.PI * (at - 0.1)) / 0.9)),
        wd: 0.1,
        momentum: 1 - 0.005 * (1 + Math.cos(Math.PI * at)),
      },
      gradientNorm: Math.hypot(...Object.values(gradientNorms)),
      gradientNorms,
      embeddingStd: 0.35 + 0.5 * (1 - Math.exp(-6 * at)) + 0.02 * random(),
      monitors: { effectiveRank: 4 + 20 * at + random(), alignment: 1.2 - 0.7 * at, uniformity: -1 - 2 * at },
      updateRatios: Object.fromEntries(paths.filter((path) => path.endsWith("/w")).map((path) => [path, 1e-3 * (1 + random())])),
      activations: Object.fromEntries(Array.from({ length: blocks }, (_, i) => [`block0${i}`, (1 + i) * (1 + at)])),
      imagesPerSecond: 800 + 60 * random() - (step < 3 ? 300 : 0),
      waitShare: 0.02 * random(),
    });
    paths.forEach((layer, i) => {
      const ratio = (gradientNorms[layer] as number) / (normAt(i, paths.length, -9, steps, () => 0.5) * Math.exp(-2.2 * at));
      if (ratio > 6 && step > steps / 10) records.push({ kind: "spike", step, layer, ratio });
    });
    if (step === Math.floor(steps / 4))
      records.push({ kind: "collapse", step, since: step - 9, metric: "embeddingStd", value: 0.3, floor: 0.35 });
    if (step === Math.floor(steps / 3))
      records.push({ kind: "recovery", step, since: Math.floor(steps / 4), metric: "embeddingStd", value: 0.6 });
    if (labels && ((step + 1) % Math.max(1, Math.floor(steps / 12)) === 0 || step + 1 === steps)) {
      const top1 = 0.7 + 0.13 * (1 - Math.exp(-3 * at)) - (at > 0.5 && at < 0.6 ? 0.025 : 0);
      if (at > 0.5 && records.every(({ kind }) => kind !== "dip"))
        records.push({
          kind: "dip",
          step: step + 1,
          since: step - 9,
          from: 0.81,
          to: top1,
          spike: { step: step - 5, layer: "encoder/patch/w", ratio: 9 },
        });
      records.push({ kind: "knn", step, epoch: ((step + 1) * 256) / 60000, encoder: "online", top1: { "20": top1, "200": top1 - 0.01 } });
    }
  }
  return records;
};

const classes = ["disc", "ring", "cross", "bar", "triangle"];

/** Everything that a report shows of a made-up run. */
export const syntheticRun = (options: SyntheticOptions): ReportInput => {
  const { steps, labels = true } = options;
  const random = stream(3);
  const named = (kind: number) => ({ image: shapePng(kind, random), ...(labels ? { label: classes[kind] as string } : {}) });
  return {
    title: "moco-v3 on shapes",
    summary: {
      method: "moco-v3",
      backbone: "vit-mini/7",
      dataset: "shapes",
      seed: 0,
      steps,
      imagesPerSecond: 812.4,
      peakRssBytes: 612e6,
      loss: { first: 4.93, last: 1.86 },
      knn: labels ? { raw: 0.7518, random: 0.7034, trained: 0.8242, k: 20 } : null,
      stability: { spikes: 3, dips: labels ? 1 : 0, nonFinite: 0, collapse: 1 },
      seconds: (steps * 256) / 812.4,
    },
    config: {
      method: "moco-v3",
      data: "shapes",
      seed: 0,
      backbone: { size: "mini", patch: 7, position: "sin-cos", readout: "token", finalNorm: true, freezePatch: false },
      image: 28,
      heads: { hidden: 512, out: 128 },
      tau: 0.2,
      smallestCrop: 0.2,
      batch: 256,
      epochs: 1.7,
      optimizer: { baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 0.17 },
      momentum: 0.99,
      knn: { everyEpochs: 1, bank: 5000, queries: 1000, finalBank: 20000, finalQueries: 5000 },
      checkpoint: { everySteps: 50, keep: 2 },
      chunk: 64,
    },
    environment: {
      node: "v22.12.0",
      platform: "linux x64",
      processor: "a processor",
      cores: 2,
      memoryBytes: 8.2e9,
      engine: "onnx",
      machineGflops: 143.7,
    },
    records: syntheticRecords(options),
    samples: Array.from({ length: 6 }, (_, i) => ({
      original: shapePng(i % shapes, random),
      views: [shapePng(i % shapes, random), shapePng(i % shapes, random)],
    })),
    neighbours: Array.from({ length: 8 }, (_, q) => ({
      query: named(q % shapes),
      nearest: Array.from({ length: 8 }, (__, i) => ({
        ...named(random() < 0.85 ? q % shapes : (q + 1) % shapes),
        similarity: 0.98 - 0.02 * i,
      })),
    })),
    notes: [
      "5 classes of shapes, 60,000 training images of 28 x 28 pixels",
      "vit-mini: the mini preset",
      "views of 28 px in 16 patches of 7: the images are 28 px",
      "batch 256: 60,000 images give 234 steps an epoch",
      "1.7 epochs: about 2 minutes at an estimated 820 images a second on this machine",
    ],
  };
};
