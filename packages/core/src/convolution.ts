import { inputGradient, weightGradient } from "./convolution-gradients.ts";
import { eagerAttributes, paddedImages } from "./eager-images.ts";
import { checkOption, ShapeError } from "./errors.ts";
import { product } from "./matmul.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

export interface ConvolutionOptions {
  /** Step between the places where the kernel is applied, the same along rows and columns. */
  readonly stride?: number;
  /** Zeros around the image on all four sides. */
  readonly padding?: number;
}

/** Sizes of one convolution, as its gradients need them. */
export interface ConvolutionSizes {
  readonly channels: number;
  readonly filters: number;
  readonly batch: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Rows and columns of the image and of the result. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

const reshape = (x: Tensor, shape: readonly number[]): Tensor => runKernel("Reshape", { x }, { shape });
const transpose = (x: Tensor, perm: readonly number[]): Tensor => runKernel("Transpose", { x }, { perm });

const sizesOf = (x: Tensor, w: Tensor, { stride = 1, padding = 0 }: ConvolutionOptions): ConvolutionSizes => {
  const [channels, batch, rows, columns] = x.shape as readonly [number, number, number, number];
  const [filters, depth, kernel, kernelColumns] = w.shape as readonly [number, number, number, number];
  const fits = x.shape.length === 4 && w.shape.length === 4 && depth === channels && kernel === kernelColumns;
  if (!fits)
    throw new ShapeError(`convolution: x [${x.shape.join(", ")}], w [${w.shape.join(", ")}]; expected x [C, B, H, W], w [O, C, K, K]`);
  checkOption("convolution", "stride", stride, Number.isInteger(stride) && stride >= 1, "a whole number of at least 1");
  checkOption("convolution", "padding", padding, Number.isInteger(padding) && padding >= 0, "a whole number of at least 0");
  const smallest = Math.min(rows, columns) + 2 * padding;
  if (smallest < kernel)
    throw new ShapeError(`convolution: a kernel of ${kernel} does not fit into ${smallest} rows or columns, padding included`);
  const outOf = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return { channels, filters, batch, kernel, stride, padding, from: [rows, columns], to: [outOf(rows), outOf(columns)] };
};

const forward = (x: Tensor, w: Tensor, sizes: ConvolutionSizes): Tensor => {
  const { channels, filters, batch, kernel, stride, padding, from, to } = sizes;
  if (hasKernel("Convolution")) {
    const volume = reshape(x, [1, channels, batch, ...from]);
    const attributes = { strides: [1, stride, stride], dilations: [1, 1, 1], before: [0, padding, padding], after: [0, padding, padding] };
    const y = runKernel("Convolution", { x: volume, w: reshape(w, [filters, channels, 1, kernel, kernel]) }, attributes);
    return reshape(y, [filters, batch, ...to]);
  }
  const inputs = { x: paddedImages(x, sizes), filter: transpose(w, [2, 3, 1, 0]) };
  return transpose(runKernel("Conv2D", inputs, { ...eagerAttributes(sizes), dilations: [1, 1] }), [3, 0, 1, 2]);
};

/** A kernel of one pixel is a matrix product over the channels of all pixels. */
const pointwise = operation((x, w) => {
  const [channels, ...place] = x.shape as readonly [number, number, number, number];
  const filters = w.shape[0] as number;
  const columns = reshape(x, [channels, place[0] * place[1] * place[2]]);
  const matrix = reshape(w, [filters, channels]);
  return {
    value: reshape(product(matrix, columns), [filters, ...place]),
    keep: [columns, matrix],
    gradient: (dy, kept) => {
      const [from, weight] = kept as readonly [Tensor, Tensor];
      const flat = reshape(dy, [filters, from.shape[1] as number]);
      return [reshape(product(weight, flat, { transposeA: true }), x.shape), reshape(product(flat, from, { transposeB: true }), w.shape)];
    },
  };
});

/**
 * The convolution of images with square kernels, a correlation as everywhere in the field:
 *
 *     y[o, b, i, j] = sum_{c, r, s} w[o, c, r, s] x[c, b, stride i + r - padding, stride j + s - padding]
 *
 * Shapes: `x [C, B, H, W]`, channels outermost, so that a channel's numbers lie side by side and norms are sums over rows;
 * `w [O, C, K, K]` as in torch; result `[O, B, H', W']` with `H' = floor((H + 2 padding - K) / stride) + 1`.
 * @throws ShapeError if the shapes do not fit or the kernel is larger than the padded image.
 */
export const convolution = (x: Tensor, w: Tensor, options: ConvolutionOptions = {}): Tensor => {
  const sizes = sizesOf(x, w, options);
  if (sizes.kernel === 1 && sizes.stride === 1 && sizes.padding === 0) return pointwise(x, w);
  return operation((images, weight) => ({
    value: forward(images, weight, sizes),
    keep: [images, weight],
    gradient: (dy, kept) => {
      const [image, kernel] = kept as readonly [Tensor, Tensor];
      return [inputGradient(dy, kernel, sizes), weightGradient(image, dy, sizes)];
    },
  }))(x, w);
};
