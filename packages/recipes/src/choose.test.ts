import type { Surroundings } from "@twinview/train";
import { expect, test } from "vitest";
import { type CommonPreset, chooseCommon } from "./choose.ts";
import { durationsOf, rateOf } from "./durations.ts";

const around: Surroundings = { images: 60_000, testImages: 10_000, side: 28, machineGflops: 100 };
const preset: CommonPreset = {
  backbone: {
    family: "vit",
    size: "mini",
    patch: 4,
    position: "sin-cos",
    readout: "token",
    finalNorm: true,
    freezePatch: false,
    stem: "patch",
    mlpNorm: "layer",
  },
  views: { smallestCrop: 0.2, blur: 0 },
  optimizer: { kind: "adamw", baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 1 },
  passes: 8,
};
const published = { image: 224, batch: 4096, epochs: 300 };

test("what is asked for is kept, and only what was chosen has a reason", () => {
  const { config, reasons } = chooseCommon(
    { data: "x", backbone: "vit-ti", batch: 32, epochs: 3, seed: 7, freezePatch: true },
    around,
    preset,
  );
  expect(config).toMatchObject({ data: "x", batch: 32, epochs: 3, seed: 7, image: 28 });
  expect(config.backbone).toMatchObject({ family: "vit", size: "ti", patch: 7, freezePatch: true });
  expect(reasons).toEqual(["views of 28 px in 16 patches of 7: the images are 28 px"]);
});

test.each([
  [28, 28],
  [32, 32],
  [64, 32],
  [500, 64],
])("images of %i px give views of %i px that the patch divides", (side, image) => {
  const { config } = chooseCommon({ data: "x" }, { ...around, side }, preset);
  expect(config.image).toBe(image);
  expect("patch" in config.backbone && image % config.backbone.patch).toBe(0);
});

test("the batch never exceeds an eighth of few images, and is at least 2", () => {
  const batchOf = (images: number): number => chooseCommon({ data: "x" }, { ...around, images }, preset).config.batch;
  expect([60_000, 10_000, 500, 40, 2].map(batchOf)).toEqual([256, 128, 32, 4, 2]);
});

test("a run of less than 1,000 steps takes smaller batches, none below 64, and none that was not asked for", () => {
  const chosen = (images: number, wishes: { readonly epochs: number; readonly batch?: number }) =>
    chooseCommon({ data: "x", ...wishes }, { ...around, images }, preset);
  const batchOf = (images: number, epochs: number): number => chosen(images, { epochs }).config.batch;
  expect([5, 4.2, 3, 1, 0.01].map((epochs) => batchOf(60_000, epochs))).toEqual([256, 128, 128, 64, 64]);
  expect([100, 20].map((epochs) => batchOf(1_494, epochs))).toEqual([128, 64]);
  expect(batchOf(300, 1)).toBe(32);
  expect(chosen(60_000, { epochs: 1, batch: 512 }).config.batch).toBe(512);
  expect(chosen(60_000, { epochs: 1 }).reasons).toContain("batch 64: 60,000 images give 937 steps an epoch");
  expect(chooseCommon({ data: "x", epochs: 0.01 }, around, { ...preset, published }).config.batch).toBe(4096);
});

test("a measured speed sets the epochs: 85 % of it for the minutes asked for, rounded down to tenths", () => {
  const { config, reasons } = chooseCommon({ data: "x", minutes: 4 }, { ...around, imagesPerSecond: 700 }, preset);
  const imagesAnEpoch = Math.floor(60_000 / 256) * 256;
  expect(config.epochs).toBeCloseTo(Math.floor(((10 * 4 * 60 * 700 * 0.85) / imagesAnEpoch) * 1) / 10, 10);
  expect(reasons.at(-1)).toMatch(/^2\.3 epochs: about 3\.9 minutes at a measured 595 images a second/);
});

test("a published preset leaves data and machine no say", () => {
  const { config, reasons } = chooseCommon({ data: "x" }, { ...around, side: 500 }, { ...preset, published });
  expect(config).toMatchObject({ image: 224, batch: 4096, epochs: 300, optimizer: { warmupEpochs: 1 } });
  expect(reasons).toContain("views of 224 px, batch 4096, 300 epochs: as published");
});

test("steps, warm-up and rate follow from epochs and batch", () => {
  const config = { batch: 256, epochs: 10, optimizer: { kind: "adamw", baseRate: 1e-3, weightDecay: 0.1, warmupEpochs: 2 } } as const;
  const durations = durationsOf(config, 1000);
  expect(durations).toEqual({ stepsPerEpoch: 3, steps: 30, warmup: 6 });
  const rate = rateOf(config, durations);
  expect([rate(0), rate(3), rate(6), rate(18), rate(30)]).toEqual([
    0,
    expect.closeTo(5e-4, 12),
    expect.closeTo(1e-3, 12),
    expect.closeTo(5e-4, 12),
    expect.closeTo(0, 12),
  ]);
});

test("warm-up takes at most half of a short run", () => {
  expect(
    durationsOf({ batch: 10, epochs: 1, optimizer: { kind: "adamw", baseRate: 1, weightDecay: 0, warmupEpochs: 40 } }, 100).warmup,
  ).toBe(5);
});

test.each([
  [28, 128],
  [64, 128],
  [500, 32],
])("images of %i px pass in chunks of %i: about 2,000 rows of tokens", (side, chunk) => {
  expect(chooseCommon({ data: "x" }, { ...around, side }, preset).config.chunk).toBe(chunk);
});
