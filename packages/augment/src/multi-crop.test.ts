import { describe, expect, it } from "vitest";
import { distortedViews } from "./distorted-views.ts";
import { multiCrop } from "./multi-crop.ts";

describe("distortedViews", () => {
  it("has the strengths and probabilities of SimCLR at strength 1 and .5", () => {
    const [first, second, ...more] = distortedViews({ size: 224 });
    expect(more).toEqual([]);
    expect(second).toEqual(first);
    expect(first).toEqual({
      size: 224,
      scale: [0.08, 1],
      flip: 0.5,
      jitter: { p: 0.8, brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
      grayscale: 0.2,
      blur: { p: 0.5, sigma: [0.1, 2] },
      solarize: { p: 0, threshold: 128 },
    });
    const cifar = distortedViews({ size: 32, strength: 0.5, blur: 0, count: 3 });
    expect(cifar).toHaveLength(3);
    expect(cifar[2]?.jitter).toEqual({ p: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 });
    expect(cifar[0]?.blur.p).toBe(0);
  });

  it("refuses no views and a strength that hue cannot follow", () => {
    expect(() => distortedViews({ size: 8, count: 0 })).toThrow("distortedViews: count is 0, expected a whole number, at least 1");
    expect(() => distortedViews({ size: 8, strength: 3 })).toThrow("distortedViews: strength is 3, expected a number in [0, 1.25]");
  });
});

describe("multiCrop", () => {
  const large = { size: 224, count: 2, scale: [0.14, 1] } as const;

  it("gives the large crops first, then the small ones, in the same colours", () => {
    const crops = multiCrop({ large, small: { size: 96, count: 6, scale: [0.05, 0.14] }, strength: 0.5, blur: 0 });
    expect(crops.map(({ size }) => size)).toEqual([224, 224, 96, 96, 96, 96, 96, 96]);
    expect(crops.map(({ scale }) => scale[0])).toEqual([0.14, 0.14, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]);
    expect(crops[0]?.jitter).toEqual(crops[7]?.jitter);
    expect(crops[7]?.jitter.brightness).toBe(0.4);
    expect(crops.every(({ blur }) => blur.p === 0)).toBe(true);
    expect(multiCrop({ large, small: { size: 96, count: 0, scale: [0.05, 0.14] } })).toHaveLength(2);
  });

  it("refuses small crops larger than the large ones", () => {
    expect(() => multiCrop({ large, small: { size: 256, count: 1, scale: [0.05, 0.14] } })).toThrow(
      "multiCrop: small.size is 256, expected at most the side of the large crops, 224",
    );
    expect(() => multiCrop({ large, small: { size: 96, count: 1.5, scale: [0.05, 0.14] } })).toThrow(
      "multiCrop: small.count is 1.5, expected a whole number, at least 0",
    );
  });
});
