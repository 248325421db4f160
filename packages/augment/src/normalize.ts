import { checkOption } from "@twinview/core";

/** Mean of ImageNet's channels, for values in 0..1. */
export const imagenetMean: readonly [number, number, number] = [0.485, 0.456, 0.406];

/** Standard deviation of ImageNet's channels, for values in 0..1. */
export const imagenetStd: readonly [number, number, number] = [0.229, 0.224, 0.225];

/**
 * (x / 255 - mean) / std for each channel, as floats. The training graph does the same on its own inputs.
 *
 * bytes [..., 3] -> floats [..., 3]
 * @throws ShapeError when the number of bytes is not a multiple of three.
 */
export const normalize = (bytes: Uint8Array, mean = imagenetMean, std = imagenetStd): Float32Array => {
  checkOption("normalize", "bytes.length", bytes.length, bytes.length % 3 === 0, "a multiple of 3");
  const scale = std.map((s) => 1 / (255 * s));
  const shift = mean.map((m, channel) => -m / (std[channel] as number));
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const channel = i % 3;
    out[i] = (bytes[i] as number) * (scale[channel] as number) + (shift[channel] as number);
  }
  return out;
};
