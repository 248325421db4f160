// Kernels of tfjs's eager backends want images as [B, H, W, C], and those of TensorFlow no padding but their own two kinds.
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

/** `x [C, B, H, W]` as `[B, H + 2 padding, W + 2 padding, C]`, with `value` around each image, 0 when absent. */
export const paddedImages = (x: Tensor, { padding, value = 0 }: { readonly padding: number; readonly value?: number }): Tensor => {
  const images = runKernel("Transpose", { x }, { perm: [1, 2, 3, 0] });
  if (padding === 0) return images;
  const around = [padding, padding];
  return runKernel("PadV2", { x: images }, { paddings: [[0, 0], around, around, [0, 0]], constantValue: value });
};

/** Images `[B, H + 2 padding, W + 2 padding, C]` as `shape`, `[C, B, H, W]`. */
export const withoutPadding = (images: Tensor, shape: readonly number[], padding: number): Tensor => {
  const [channels, batch, rows, columns] = shape as readonly [number, number, number, number];
  const begin = [0, padding, padding, 0];
  const inner = padding === 0 ? images : runKernel("Slice", { x: images }, { begin, size: [batch, rows, columns, channels] });
  return runKernel("Transpose", { x: inner }, { perm: [3, 0, 1, 2] });
};

/** Attributes of those kernels, where the images are padded already. */
export const eagerAttributes = ({ stride }: { readonly stride: number }) => ({
  strides: [stride, stride],
  pad: 0,
  dataFormat: "NHWC",
  dimRoundingMode: "floor",
});
