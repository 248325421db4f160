import { rngOf } from "@twinview/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  asymmetricPair,
  blurImage,
  colorJitter,
  flipHorizontally,
  gaussianBlur,
  horizontalFlip,
  type Image,
  imagenetMean,
  imagenetStd,
  normalize,
  randomResizedCrop,
  resizeCenterCrop,
  resizedCrop,
  solarize,
  solarizeImage,
  toGrayscale,
  view,
} from "./index.ts";

const images = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 }).map((data): Image => ({ width, height, data })),
  );

const flat = (width: number, height: number, rgb: readonly number[]): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3] as number),
});

/** A dense Gaussian over both axes at once, in floats: the slow twin of the separable blur. */
const slowBlur = (image: Image, sigma: number): number[] => {
  const reach = Math.ceil(4 * sigma);
  const mirror = (i: number, n: number): number => {
    let at = i;
    while (n > 1 && (at < 0 || at >= n)) at = at < 0 ? -at : 2 * (n - 1) - at;
    return n === 1 ? 0 : at;
  };
  return Array.from(image.data, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % image.width, Math.floor(i / 3 / image.width)];
    let sum = 0;
    let weight = 0;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const w = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        sum += w * (image.data[(mirror(y + dy, image.height) * image.width + mirror(x + dx, image.width)) * 3 + c] as number);
        weight += w;
      }
    }
    return sum / weight;
  });
};

describe("laws", () => {
  it("flipping or solarizing at 0 twice gives the image back; gray is idempotent", () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(flipHorizontally(flipHorizontally(image)).data).toEqual(image.data);
        expect(solarizeImage(solarizeImage(image, 0), 0).data).toEqual(image.data);
        expect(toGrayscale(toGrayscale(image)).data).toEqual(toGrayscale(image).data);
        expect(adjustSaturation(image, 0).data).toEqual(toGrayscale(image).data);
      }),
    );
  });

  it("factor 1, shift 0, the whole box and a needle-thin blur change nothing", () => {
    fc.assert(
      fc.property(images, (image) => {
        const box = { left: 0, top: 0, width: image.width, height: image.height };
        for (const same of [
          adjustBrightness(image, 1),
          adjustContrast(image, 1),
          adjustSaturation(image, 1),
          adjustHue(image, 0),
          resizedCrop(image, box, image),
          blurImage(image, 0.1),
        ]) {
          expect(same.data).toEqual(image.data);
        }
      }),
    );
  });

  it("three turns of a third return the image within the rounding of three turns; the range of each pixel is kept", () => {
    fc.assert(
      fc.property(images, (image) => {
        const third = adjustHue(image, 1 / 3);
        const back = adjustHue(adjustHue(third, 1 / 3), 1 / 3);
        for (let i = 0; i < image.data.length; i += 3) {
          const before = image.data.subarray(i, i + 3);
          expect(Math.max(...third.data.subarray(i, i + 3))).toBe(Math.max(...before));
          expect(Math.min(...third.data.subarray(i, i + 3))).toBe(Math.min(...before));
          for (let c = 0; c < 3; c++) expect(Math.abs((back.data[i + c] as number) - (before[c] as number))).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it("a flat colour stays exactly flat through resize and blur", () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), fc.integer({ min: 1, max: 90 }), fc.nat(30), (rgb, side, extra) => {
        const image = flat(side, side + extra, rgb);
        const box = { left: 0, top: 0, width: image.width, height: image.height };
        expect(resizedCrop(image, box, { width: 7, height: 9 }).data).toEqual(flat(7, 9, rgb).data);
        expect(blurImage(flat(6, 5, rgb), 0.2 + side / 30).data).toEqual(flat(6, 5, rgb).data);
      }),
    );
  });

  it("blur agrees with a dense Gaussian in floats, also on images smaller than the kernel", () => {
    fc.assert(
      fc.property(images, fc.double({ min: 0.3, max: 2, noNaN: true }), (image, sigma) => {
        const want = slowBlur(image, sigma);
        const got = blurImage(image, sigma).data;
        for (let i = 0; i < got.length; i++) expect(Math.abs((got[i] as number) - (want[i] as number))).toBeLessThan(4);
        const mean = want.reduce((sum, w, i) => sum + Math.abs(w - (got[i] as number)), 0) / want.length;
        expect(mean).toBeLessThan(1.2);
      }),
      { numRuns: 40 },
    );
  });

  it("shrinking by a whole factor keeps the mean of a smooth ramp", () => {
    const ramp: Image = { width: 64, height: 4, data: Uint8Array.from({ length: 64 * 4 * 3 }, (_, i) => 3 * (Math.floor(i / 3) % 64)) };
    const small = resizedCrop(ramp, { left: 0, top: 0, width: 64, height: 4 }, { width: 8, height: 2 });
    for (let x = 1; x < 7; x++) expect(Math.abs((small.data[3 * x] as number) - 3 * (8 * x + 3.5))).toBeLessThanOrEqual(1);
  });
});

describe("views", () => {
  const [options] = asymmetricPair({ size: 12 });

  it("render depends on image and key alone: a used view, a fresh view and sample-then-apply agree", () => {
    const used = view(options);
    fc.assert(
      fc.property(images, fc.nat(1000), (image, seed) => {
        const rng = rngOf(seed);
        const first = used.render(image, rng).data;
        const fresh = view(options);
        expect(fresh.render(image, rng).data).toEqual(first);
        expect(fresh.apply(image, JSON.parse(JSON.stringify(fresh.sample(rng, image)))).data).toEqual(first);
      }),
    );
  });

  it("compose the single transforms in the published order", () => {
    const second = view({ ...asymmetricPair({ size: 10 })[1], blur: { p: 1 }, solarize: { p: 1 }, flip: 1, grayscale: 0.5 });
    fc.assert(
      fc.property(images, fc.nat(1000), (image, seed) => {
        const params = second.sample(rngOf(seed), image);
        const cropped = randomResizedCrop({ size: 10 }).apply(image, params.crop);
        const jittered = colorJitter(options.jitter).apply(cropped, params.jitter);
        const gray = params.grayscale ? toGrayscale(jittered) : jittered;
        const blurred = gaussianBlur({ p: 1 }).apply(gray, params.blur);
        const solarized = solarize({ p: 1 }).apply(blurred, params.solarize);
        const flipped = horizontalFlip({ p: 1 }).apply(solarized, params.flip);
        expect(second.apply(image, params).data).toEqual(flipped.data);
      }),
    );
  });

  it("write into the bytes they are given, shared memory too, and leave the source alone", () => {
    const image = flat(9, 9, [10, 200, 60]);
    const before = Uint8Array.from(image.data);
    const shared = new Uint8Array(new SharedArrayBuffer(2 * 12 * 12 * 3)).subarray(12 * 12 * 3);
    const one = view(options);
    const out = one.render(image, rngOf(5), shared);
    expect(out.data).toBe(shared);
    expect(Uint8Array.from(shared)).toEqual(one.render(image, rngOf(5)).data);
    expect(image.data).toEqual(before);
  });

  it("accept clamped arrays with the same result", () => {
    const image = flat(9, 9, [10, 200, 60]);
    const clamped = { ...image, data: Uint8ClampedArray.from(image.data) };
    expect(view(options).render(clamped, rngOf(3)).data).toEqual(view(options).render(image, rngOf(3)).data);
  });
});

describe("clean views and normalisation", () => {
  it("give an image of the right size back unchanged", () => {
    fc.assert(
      fc.property(images, (image) => {
        const side = Math.min(image.width, image.height);
        const clean = resizeCenterCrop({ size: side })(image);
        const [left, top] = [image.width - side, image.height - side].map(
          (rest) => 2 * Math.round(rest / 4 - 0.001) + (rest % 4 === 2 ? 1 : 0),
        ) as [number, number];
        expect(clean.data).toEqual(resizedCrop(image, { left, top, width: side, height: side }, { width: side, height: side }).data);
      }),
    );
  });

  it("normalise to zero mean and unit deviation of ImageNet", () => {
    const bytes = Uint8Array.from([0, 0, 0, 255, 255, 255]);
    const got = normalize(bytes);
    for (let c = 0; c < 3; c++) {
      expect(got[c]).toBeCloseTo(-(imagenetMean[c] as number) / (imagenetStd[c] as number), 5);
      expect(got[3 + c]).toBeCloseTo((1 - (imagenetMean[c] as number)) / (imagenetStd[c] as number), 5);
    }
  });
});

describe("errors name the function, the option and what was expected", () => {
  const image = flat(4, 4, [1, 2, 3]);
  const [options] = asymmetricPair({ size: 8 });
  it.each<[string, () => unknown, string]>([
    ["size", () => view({ ...options, size: 0 }), "view: size is 0, expected a whole number of pixels, at least 1"],
    [
      "scale",
      () => view({ ...options, scale: [0.5, 0.2] }),
      "view: scale is [0.5, 0.2], expected [smallest, largest] share of the area, in (0, 1]",
    ],
    ["ratio", () => view({ ...options, ratio: [0, 1] }), "view: ratio is [0, 1], expected [smallest, largest] width over height, above 0"],
    ["flip", () => view({ ...options, flip: 1.5 }), "view: flip is 1.5, expected a probability in [0, 1]"],
    [
      "hue",
      () => view({ ...options, jitter: { ...options.jitter, hue: 0.7 } }),
      "view: jitter.hue is 0.7, expected a strength in [0, 0.5]",
    ],
    [
      "sigma",
      () => gaussianBlur({ p: 1, sigma: [0, 2] }),
      "gaussianBlur: blur.sigma is [0, 2], expected [smallest, largest] in [0.01, 100] pixels",
    ],
    ["threshold", () => solarize({ p: 1, threshold: 300 }), "solarize: solarize.threshold is 300, expected a level in 0..256"],
    ["bytes", () => toGrayscale({ ...image, width: 5 }), "toGrayscale: image.data (4 x 5 x 3 bytes) has shape [48], expected [60]"],
    [
      "box",
      () => resizedCrop(image, { left: 2, top: 0, width: 3, height: 4 }, image),
      "resizedCrop: box is [2, 0, 3, 4], expected a box inside 4 x 4 pixels",
    ],
    ["out", () => view(options).render(image, rngOf(1), new Uint8Array(5)), "view: out.length is 5, expected 192 bytes"],
    ["factor", () => adjustBrightness(image, -1), "adjustBrightness: factor is -1, expected a number >= 0"],
    [
      "shorter side",
      () => resizeCenterCrop({ size: 8, shorterSide: 7 }),
      "resizeCenterCrop: shorterSide is 7, expected a whole number of pixels, at least size (8)",
    ],
    ["normalize", () => normalize(new Uint8Array(4)), "normalize: bytes.length is 4, expected a multiple of 3"],
  ])("%s", (_, act, text) => {
    expect(act).toThrow(text);
  });
});
