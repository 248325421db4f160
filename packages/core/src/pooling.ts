import { eagerAttributes, paddedImages, withoutPadding } from "./eager-images.ts";
import { checkOption, checkShape, ShapeError } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel, runKernels } from "./tfjs.ts";

export interface MaxPoolOptions {
  /** Side of the square window. */
  readonly size: number;
  readonly stride: number;
  /** Places around the image that the window may reach over; they never win. */
  readonly padding?: number;
}

const reshape = (x: Tensor, shape: readonly number[]): Tensor => runKernel("Reshape", { x }, { shape });
const transpose = (x: Tensor, perm: readonly number[]): Tensor => runKernel("Transpose", { x }, { perm });
const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** On engines that give the places of the largest numbers with them: their gradient goes back there. */
const byPlaces = (size: number, stride: number, padding: number) =>
  operation((x) => {
    const attributes = { size: [size, size], strides: [stride, stride], before: [padding, padding], after: [padding, padding] };
    const [y, places] = runKernels("MaxPoolWithPlaces", { x }, attributes) as readonly [Tensor, Tensor];
    return {
      value: y,
      keep: [places],
      gradient: (dy, [kept]) => {
        const inputs = { places: reshape(kept as Tensor, [count(dy.shape)]), updates: reshape(dy, [count(dy.shape)]) };
        return [reshape(runKernel("ScatterAdd", inputs, { length: count(x.shape) }), x.shape)];
      },
    };
  });

const eager = (size: number, stride: number, padding: number) =>
  operation((x) => {
    const attributes = { filterSize: [size, size], ...eagerAttributes({ stride }) };
    const images = paddedImages(x, { padding, value: Number.NEGATIVE_INFINITY });
    const y = runKernel("MaxPool", { x: images }, attributes);
    return {
      value: transpose(y, [3, 0, 1, 2]),
      keep: [images, y],
      gradient: (dy, [input, output]) => {
        const inputs = { dy: transpose(dy, [1, 2, 3, 0]), input: input as Tensor, output: output as Tensor };
        return [withoutPadding(runKernel("MaxPoolGrad", inputs, attributes), x.shape, padding)];
      },
    };
  });

/**
 * The largest number of each window. Shapes: `x [C, B, H, W]`, result `[C, B, H', W']`, `H' = floor((H + 2 padding - size) / stride) + 1`.
 * The gradient of a window goes to its largest number, to the first in reading order where several are equal, as in torch.
 * @throws ShapeError if the window is larger than the padded image, or the padding more than half of the window.
 */
export const maxPool = (x: Tensor, { size, stride, padding = 0 }: MaxPoolOptions): Tensor => {
  checkShape("maxPool", "x", x.shape, [null, null, null, null]);
  checkOption("maxPool", "padding", padding, padding >= 0 && 2 * padding <= size, `at most half of the window, ${size}`);
  const smallest = Math.min(x.shape[2] as number, x.shape[3] as number) + 2 * padding;
  if (smallest < size) throw new ShapeError(`maxPool: a window of ${size} does not fit into ${smallest} rows or columns, padding included`);
  return (hasKernel("MaxPoolWithPlaces") ? byPlaces : eager)(size, stride, padding)(x);
};
