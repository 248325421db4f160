import { ones } from "./constant.ts";
import { ShapeError } from "./errors.ts";
import { product } from "./matmul.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

/**
 * The sum over the rows of `x [N, C]`, shape `[C]`, without gradient, for use inside composite operations.
 * Written as a product with a row of ones: matrix products are the best-tuned kernel of every engine.
 */
export const sumRows = (x: Tensor): Tensor =>
  runKernel("Reshape", { x: product(ones([1, x.shape[0] as number]), x) }, { shape: [x.shape[1] as number] });

const forward = (x: Tensor, w: Tensor, b: Tensor | undefined): Tensor => {
  if (b === undefined) return product(x, w);
  return hasKernel("Gemm") ? runKernel("Gemm", { a: x, b: w, c: b }) : runKernel("Add", { a: product(x, w), b });
};

/**
 * The affine map `y = x W + b`.
 * Shapes: `x [N, I]`, `w [I, O]`, `b [O]` or absent, `y [N, O]`.
 * @throws ShapeError if the shapes do not fit.
 */
export const linear = (x: Tensor, w: Tensor, b?: Tensor): Tensor => {
  const fits =
    x.shape.length === 2 && w.shape.length === 2 && x.shape[1] === w.shape[0] && (b === undefined || b.shape.join() === String(w.shape[1]));
  if (!fits) {
    throw new ShapeError(
      `linear: x [${x.shape.join(", ")}], w [${w.shape.join(", ")}]${b ? `, b [${b.shape.join(", ")}]` : ""}; expected x [N, I], w [I, O], b [O]`,
    );
  }
  const gradients = (dy: Tensor, [input, weight]: readonly Tensor[]): readonly [Tensor, Tensor] => [
    product(dy, weight as Tensor, { transposeB: true }),
    product(input as Tensor, dy, { transposeA: true }),
  ];
  return b === undefined
    ? operation((input, weight) => ({ value: forward(input, weight, undefined), keep: [input, weight], gradient: gradients }))(x, w)
    : operation((input, weight, bias) => ({
        value: forward(input, weight, bias),
        keep: [input, weight],
        gradient: (dy, kept) => [...gradients(dy, kept), sumRows(dy)],
      }))(x, w, b);
};
