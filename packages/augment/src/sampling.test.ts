import { fold, rngOf } from "@twinview/core";
import { describe, expect, it } from "vitest";
import {
  asymmetricPair,
  type Box,
  colorJitter,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  randomResizedCrop,
  type Size,
  solarize,
  type Transform,
  view,
} from "./index.ts";

const draws = <P>(transform: Pick<Transform<P>, "sample">, size: Size, count: number, seed = 11): P[] =>
  Array.from({ length: count }, (_, i) => transform.sample(fold(rngOf(seed), i), size));

/** Largest distance between the empirical distribution and the uniform one on [0, 1]. */
const kolmogorov = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(...sorted.map((v, i) => Math.max(Math.abs(v - i / sorted.length), Math.abs(v - (i + 1) / sorted.length))));
};

const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;

// At 4,000 draws a correct sampler exceeds 0.031 less than once in a thousand seeds (Kolmogorov's 1.95 / sqrt n).
const count = 4000;
const close = 0.031;

describe("randomResizedCrop draws", () => {
  const size = { width: 1000, height: 1000 };

  it("draw the area uniformly when every draw fits", () => {
    const crops = draws(randomResizedCrop({ size: 32, scale: [0.08, 0.7] }), size, count);
    expect(kolmogorov(crops.map((c) => (c.width * c.height) / 1e6).map((a) => (a - 0.08) / 0.62))).toBeLessThan(close);
  });

  it("draw the ratio log-uniformly in [3/4, 4/3]", () => {
    const crops = draws(randomResizedCrop({ size: 32, scale: [0.2, 0.7] }), size, count);
    const span = 2 * Math.log(4 / 3);
    expect(kolmogorov(crops.map((c) => Math.log(c.width / c.height) / span + 0.5))).toBeLessThan(close);
  });

  it("place the box uniformly over the positions that fit", () => {
    const crops = draws(randomResizedCrop({ size: 32, scale: [0.1, 0.5] }), size, count);
    expect(kolmogorov(crops.map((c) => (c.left + 0.5) / (1001 - c.width)))).toBeLessThan(close);
    expect(kolmogorov(crops.map((c) => (c.top + 0.5) / (1001 - c.height)))).toBeLessThan(close);
  });

  it("stay inside images of any shape and keep the aspect range up to rounding", () => {
    const crop = randomResizedCrop({ size: 8 });
    for (const image of [
      { width: 64, height: 48 },
      { width: 31, height: 200 },
      { width: 1, height: 1 },
      { width: 300, height: 2 },
    ]) {
      for (const c of draws(crop, image, 300)) {
        expect(c.left >= 0 && c.top >= 0 && c.width > 0 && c.height > 0).toBe(true);
        expect(c.left + c.width <= image.width && c.top + c.height <= image.height).toBe(true);
      }
    }
  });

  it("fall back to the largest central box of an allowed ratio", () => {
    const crop = randomResizedCrop({ size: 8, scale: [1, 1] });
    const wide: Box = { left: 80, top: 0, width: 40, height: 30 };
    expect(crop.sample(rngOf(1), { width: 200, height: 30 })).toEqual(wide);
    expect(crop.sample(rngOf(1), { width: 30, height: 200 })).toEqual({ left: 0, top: 80, width: 30, height: 40 });
  });
});

describe("other draws", () => {
  const size = { width: 32, height: 32 };

  it("jitter with probability p, factors uniform in their ranges, every order equally often", () => {
    const options = { p: 0.8, brightness: 0.4, contrast: 1.5, saturation: 0.2, hue: 0.1 };
    const all = draws(colorJitter(options), size, count);
    const hit = all.filter((params) => params !== undefined);
    expect(hit.length / count).toBeCloseTo(0.8, 1);
    const factors = (change: string) => hit.map((params) => params.find((p) => p.change === change)?.factor as number);
    expect(kolmogorov(factors("brightness").map((f) => (f - 0.6) / 0.8))).toBeLessThan(0.035);
    expect(kolmogorov(factors("contrast").map((f) => f / 2.5))).toBeLessThan(0.035);
    expect(kolmogorov(factors("hue").map((f) => (f + 0.1) / 0.2))).toBeLessThan(0.035);
    const orders = new Map<string, number>();
    for (const params of hit) {
      const order = params.map((p) => p.change).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    const expected = hit.length / 24;
    const chiSquare = [...orders.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom, 99.9 %
  });

  it("leave out the changes of strength 0", () => {
    const [params] = draws(colorJitter({ p: 1, brightness: 0, contrast: 0.4, saturation: 0, hue: 0 }), size, 1);
    expect(params?.map((p) => p.change)).toEqual(["contrast"]);
  });

  it("blur, flip, grayscale and solarize with their probabilities, sigma uniform", () => {
    const blurs = draws(gaussianBlur({ p: 0.5 }), size, count);
    const sigmas = blurs.filter((sigma) => sigma !== undefined);
    expect(sigmas.length / count).toBeCloseTo(0.5, 1);
    expect(kolmogorov(sigmas.map((sigma) => (sigma - 0.1) / 1.9))).toBeLessThan(0.044);
    expect(share(draws(horizontalFlip({ p: 0.5 }), size, count))).toBeCloseTo(0.5, 1);
    expect(share(draws(grayscale({ p: 0.2 }), size, count))).toBeCloseTo(0.2, 1);
    expect(share(draws(solarize({ p: 0.1 }), size, count))).toBeCloseTo(0.1, 1);
    expect(share(draws(horizontalFlip({ p: 0 }), size, 100))).toBe(0);
    expect(share(draws(horizontalFlip({ p: 1 }), size, 100))).toBe(1);
  });

  it("give BYOL's asymmetric pair its published probabilities", () => {
    const [first, second] = asymmetricPair({ size: 16 }).map((options) => draws(view(options), size, count));
    expect(share(first!.map((p) => p.blur !== undefined))).toBe(1);
    expect(share(second!.map((p) => p.blur !== undefined))).toBeCloseTo(0.1, 1);
    expect(share(first!.map((p) => p.solarize))).toBe(0);
    expect(share(second!.map((p) => p.solarize))).toBeCloseTo(0.2, 1);
    for (const draw of [first!, second!]) {
      expect(share(draw.map((p) => p.flip))).toBeCloseTo(0.5, 1);
      expect(share(draw.map((p) => p.grayscale))).toBeCloseTo(0.2, 1);
      expect(share(draw.map((p) => p.jitter !== undefined))).toBeCloseTo(0.8, 1);
    }
  });

  it("are independent between transforms: switching one off leaves the others as they were", () => {
    const [options] = asymmetricPair({ size: 16 });
    const with_ = draws(view(options), size, 50);
    const without = draws(view({ ...options, jitter: { ...options.jitter, p: 0 } }), size, 50);
    expect(without).toEqual(with_.map((params) => ({ ...params, jitter: undefined })));
  });
});
