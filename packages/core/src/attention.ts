import { checkOption, checkShape } from "./errors.ts";
import { product } from "./matmul.ts";
import { operation } from "./operation.ts";
import { softmaxForward } from "./softmax.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

const reshape = (x: Tensor, shape: readonly number[]): Tensor => runKernel("Reshape", { x }, { shape: [...shape] });
const permute = (x: Tensor, perm: readonly number[]): Tensor => runKernel("Transpose", { x }, { perm: [...perm] });
const mul = (a: Tensor, b: Tensor): Tensor => runKernel("Multiply", { a, b });

/** Sizes of one attention: images, tokens, heads, width of a head. */
interface Sizes {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly width: number;
}

/** `[B, T, parts H W]` to `[parts, B H, T, W]`. */
const toHeads = (x: Tensor, parts: number, { batch, tokens, heads, width }: Sizes): Tensor =>
  reshape(permute(reshape(x, [batch, tokens, parts, heads, width]), [2, 0, 3, 1, 4]), [parts, batch * heads, tokens, width]);

/** The inverse of toHeads. */
const fromHeads = (x: Tensor, parts: number, { batch, tokens, heads, width }: Sizes): Tensor =>
  reshape(permute(reshape(x, [parts, batch, heads, tokens, width]), [1, 3, 0, 2, 4]), [batch, tokens, parts * heads * width]);

const part = (x: Tensor, index: number, shape: readonly number[]): Tensor =>
  reshape(runKernel("Slice", { x }, { begin: [index, 0, 0, 0], size: [1, ...shape] }), shape);

/**
 * Multi-head self-attention: for each head `softmax(Q K^T / sqrt(W)) V`, heads side by side in the result.
 * Shapes: `qkv [B, T, 3 D]` with columns q, k, v and heads in order within each, result `[B, T, D]`, `W = D / heads`.
 * @throws ShapeError if the width does not divide into the heads.
 * @see Vaswani et al., arXiv 1706.03762, equation 1.
 */
export const attention = (qkv: Tensor, { heads }: { readonly heads: number }): Tensor => {
  checkShape("attention", "qkv", qkv.shape, [null, null, null]);
  const [batch, tokens, columns] = qkv.shape as readonly [number, number, number];
  checkOption("attention", "width of qkv", columns, columns % (3 * heads) === 0, `a multiple of 3 x ${heads} heads`);
  const sizes = { batch, tokens, heads, width: columns / (3 * heads) };
  const one = [batch * heads, tokens, sizes.width];
  const scale = 1 / Math.sqrt(sizes.width);
  return operation((input) => {
    const all = toHeads(input, 3, sizes);
    const [q, k, v] = [part(all, 0, one), part(all, 1, one), part(all, 2, one)];
    const p = softmaxForward(product(q, k, { transposeB: true, alpha: scale })); // [B H, T, T]
    const out = product(p, v); // [B H, T, W]
    return {
      value: fromHeads(reshape(out, [1, ...one]), 1, sizes),
      keep: [q, k, v, p, out],
      gradient: (dy, kept) => {
        const [query, key, value, weights, result] = kept as readonly [Tensor, Tensor, Tensor, Tensor, Tensor];
        const dOut = reshape(toHeads(dy, 1, sizes), one);
        const dV = product(weights, dOut, { transposeA: true });
        // sum(dP P) over keys equals sum(dOut out) over the head: a narrower sum for the same number
        const along = runKernel("Sum", { x: mul(dOut, result) }, { axis: [2], keepDims: true });
        const dP = product(dOut, value, { transposeB: true });
        const dScores = mul(weights, runKernel("Sub", { a: dP, b: along }));
        const dQ = product(dScores, key, { alpha: scale });
        const dK = product(dScores, query, { transposeA: true, alpha: scale });
        const parts = [dQ, dK, dV].map((x) => reshape(x, [1, ...one]));
        return [fromHeads(runKernel("Concat", parts, { axis: 0 }), 3, sizes)];
      },
    };
  })(qkv);
};
