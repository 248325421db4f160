import { zeros } from "./constant.ts";
import type { ConvolutionSizes } from "./convolution.ts";
import { eagerAttributes, paddedImages, withoutPadding } from "./eager-images.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

const reshape = (x: Tensor, shape: readonly number[]): Tensor => runKernel("Reshape", { x }, { shape });
const transpose = (x: Tensor, perm: readonly number[]): Tensor => runKernel("Transpose", { x }, { perm });
const concat = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? (parts[0] as Tensor) : runKernel("Concat", parts, { axis });
const slice = (x: Tensor, begin: readonly number[], size: readonly number[]): Tensor => runKernel("Slice", { x }, { begin, size });
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * The gradient of a convolution by its weights, `dw[o, c, r, s] = sum_{b, i, j} dy[o, b, i, j] x[c, b, stride i + r - padding, ..]`.
 * It is itself a convolution, over batch, rows and columns, of one image `[1, B, H, W, C]` whose last axis is only carried along,
 * with `dy` as its O kernels of B x H' x W', spread out by the stride. Written so, its inner loop runs over channels that lie side
 * by side, and it is as fast as the forward pass: docs/engine.md has the measurements.
 * Shapes: `x [C, B, H, W]`, `dy [O, B, H', W']`, result `[O, C, K, K]`.
 */
export const weightGradient = (x: Tensor, dy: Tensor, sizes: ConvolutionSizes): Tensor => {
  const { channels, filters, batch, kernel, stride, padding, from, to } = sizes;
  if (!hasKernel("Convolution")) {
    const inputs = { x: paddedImages(x, sizes), dy: transpose(dy, [1, 2, 3, 0]) };
    const filterShape = [kernel, kernel, channels, filters];
    return transpose(runKernel("Conv2DBackpropFilter", inputs, { ...eagerAttributes(sizes), filterShape }), [3, 2, 0, 1]);
  }
  const images = transpose(x, [1, 2, 3, 0]); // [B, H, W, C]
  // zeros behind the image, so that exactly K places come out; where it is negative, rows that no place of the stride reached are cut off
  const behind = [0, 1].map((axis) => kernel - padding + stride * ((to[axis] as number) - 1) - (from[axis] as number));
  const used = from.map((length, axis) => length + Math.min(0, behind[axis] as number));
  const reached = used.join() === from.join() ? images : slice(images, [0, 0, 0, 0], [batch, ...used, channels]);
  const after = [...behind.map((zeros) => Math.max(0, zeros)), 0];
  const volumes = { x: reshape(reached, [1, batch, ...used, channels]), w: reshape(dy, [filters, batch, ...to, 1]) };
  const attributes = { strides: [1, 1, 1], dilations: [stride, stride, 1], before: [padding, padding, 0], after };
  const y = runKernel("Convolution", volumes, attributes); // [1, O, K, K, C]
  return reshape(transpose(reshape(y, [filters, kernel * kernel, channels]), [0, 2, 1]), [filters, channels, kernel, kernel]);
};

/** One axis of a convolution seen backwards: the places of the image that leave `phase` when divided by the stride. */
interface Phase {
  /** Rows of the kernel that reach them, in the order in which the gradient slides over `dy`. */
  readonly taps: readonly number[];
  /** Zeros before and after `dy`; negative where it has to be cut. */
  readonly before: number;
  readonly after: number;
}

const phasesOf = ({ kernel, stride, padding, from, to }: ConvolutionSizes, axis: number): readonly Phase[] => {
  const count = Math.ceil((from[axis] as number) / stride);
  return range(stride).map((phase) => {
    const first = (phase + padding) % stride;
    const taps = range(Math.max(0, Math.ceil((kernel - first) / stride)))
      .map((i) => first + stride * i)
      .reverse();
    const before = taps.length - 1 - Math.floor((phase + padding) / stride);
    return { taps, before, after: count + taps.length - 1 - before - (to[axis] as number) };
  });
};

/** `dy [O, B, H', W']` without the rows and columns that a phase does not reach. */
const cut = (dy: Tensor, sizes: ConvolutionSizes, row: Phase, column: Phase): Tensor => {
  const { filters, batch, to } = sizes;
  const lost = [row, column].map(({ before, after }) => [Math.max(0, -before), Math.max(0, -after)] as const);
  if (lost.flat().every((count) => count === 0)) return dy;
  const size = to.map((length, axis) => length - (lost[axis]?.[0] ?? 0) - (lost[axis]?.[1] ?? 0));
  return slice(dy, [0, 0, ...lost.map(([front]) => front)], [filters, batch, ...size]);
};

/** The gradient at one phase of rows and one of columns: a convolution of stride 1 with the kernel's rows and columns of that phase. */
const phaseGradient = (dy: Tensor, taps: Tensor, sizes: ConvolutionSizes, row: Phase, column: Phase): Tensor => {
  const { channels, filters, batch, kernel, stride, from } = sizes;
  const place = from.map((length) => Math.ceil(length / stride));
  if (row.taps.length === 0 || column.taps.length === 0) return zeros([channels, batch, ...place]);
  const chosen = row.taps.flatMap((r) => column.taps.map((s) => slice(taps, [r * kernel + s, 0], [1, filters * channels])));
  const swapped = reshape(transpose(concat(chosen, 0), [1, 0]), [filters, channels, row.taps.length * column.taps.length]);
  const w = reshape(transpose(swapped, [1, 0, 2]), [channels, filters, 1, row.taps.length, column.taps.length]);
  const part = cut(dy, sizes, row, column);
  const y = runKernel(
    "Convolution",
    { x: reshape(part, [1, filters, batch, ...part.shape.slice(2)]), w },
    {
      strides: [1, 1, 1],
      dilations: [1, 1, 1],
      before: [0, Math.max(0, row.before), Math.max(0, column.before)],
      after: [0, Math.max(0, row.after), Math.max(0, column.after)],
    },
  );
  return reshape(y, [channels, batch, ...place]);
};

/**
 * The gradient of a convolution by its images: `dy` under the kernel turned by half a turn, inputs and filters swapped. With a
 * stride S, the places of the image that leave the same remainder when divided by S see the same rows and columns of the kernel:
 * S^2 convolutions of stride 1 that do no needless work, woven together.
 * Shapes: `dy [O, B, H', W']`, `w [O, C, K, K]`, result `[C, B, H, W]`.
 */
export const inputGradient = (dy: Tensor, w: Tensor, sizes: ConvolutionSizes): Tensor => {
  const { channels, filters, batch, kernel, stride, padding, from } = sizes;
  if (!hasKernel("Convolution")) {
    const inputs = { dy: transpose(dy, [1, 2, 3, 0]), filter: transpose(w, [2, 3, 1, 0]) };
    const inputShape = [batch, ...from.map((length) => length + 2 * padding), channels];
    const images = runKernel("Conv2DBackpropInput", inputs, { ...eagerAttributes(sizes), inputShape });
    return withoutPadding(images, [channels, batch, ...from], padding);
  }
  const taps = transpose(reshape(w, [filters * channels, kernel * kernel]), [1, 0]); // [K K, O C]
  const [rows, columns] = from.map((length) => Math.ceil(length / stride)) as [number, number];
  const byRow = phasesOf(sizes, 0).map((row) => {
    const parts = phasesOf(sizes, 1).map((column) => phaseGradient(dy, taps, sizes, row, column)); // each [C, B, rows, columns]
    if (stride === 1) return parts[0] as Tensor;
    const woven = concat(
      parts.map((part) => reshape(part, [channels * batch, rows, columns, 1])),
      3,
    );
    return reshape(woven, [channels * batch, rows, 1, columns * stride]);
  });
  const whole = stride === 1 ? (byRow[0] as Tensor) : concat(byRow, 2); // [C B, rows, S, columns S]
  const padded = reshape(whole, [channels, batch, rows * stride, columns * stride]);
  const fits = rows * stride === from[0] && columns * stride === from[1];
  return fits ? padded : slice(padded, [0, 0, 0, 0], [channels, batch, ...from]);
};
