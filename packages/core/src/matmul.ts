import { constant } from "./constant.ts";
import { ShapeError } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

/** Which operands to transpose in their last two axes, and a factor on the product. */
export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
}

/** The product without gradient, for use inside composite operations. */
export const product = (a: Tensor, b: Tensor, { transposeA = false, transposeB = false, alpha = 1 }: MatMulOptions = {}): Tensor => {
  if (hasKernel("ScaledMatMul")) return runKernel("ScaledMatMul", { a, b }, { transposeA, transposeB, alpha });
  const c = runKernel("BatchMatMul", { a, b }, { transposeA, transposeB });
  return alpha === 1 ? c : runKernel("Multiply", { a: c, b: constant([alpha], []) });
};

/**
 * The matrix product `alpha * A B` over the last two axes; the axes before them must be equal.
 * Shapes: `a [..., M, K]`, `b [..., K, N]`, result `[..., M, N]`.
 * @throws ShapeError if the inner axes or the leading axes differ.
 */
export const matMul = (a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor => {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const innerA = a.shape.at(transposeA ? -2 : -1);
  const innerB = b.shape.at(transposeB ? -1 : -2);
  const lead = a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
  if (a.shape.length < 2 || innerA !== innerB || !lead) {
    const flags = `${transposeA ? "A transposed " : ""}${transposeB ? "B transposed" : ""}`.trim();
    throw new ShapeError(`matMul: [${a.shape.join(", ")}] and [${b.shape.join(", ")}] do not multiply${flags === "" ? "" : ` (${flags})`}`);
  }
  return operation((x, y) => ({
    value: product(x, y, options),
    keep: [x, y],
    gradient: (dy, kept) => {
      const [left, right] = kept as readonly [Tensor, Tensor];
      const da = transposeA
        ? product(right, dy, { transposeA: transposeB, transposeB: true, alpha })
        : product(dy, right, { transposeB: !transposeB, alpha });
      const db = transposeB
        ? product(dy, left, { transposeA: true, transposeB: transposeA, alpha })
        : product(left, dy, { transposeA: !transposeA, alpha });
      return [da, db];
    },
  }))(a, b);
};
