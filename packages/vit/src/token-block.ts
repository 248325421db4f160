import { add, type Ctx, linear, matMul, mul, reshape, scope, slice, softmax, type Tensor, transpose } from "@twinview/core";
import type { AttentionParams } from "@twinview/nn";
import { type BlockOptions, type BlockParams, blockParts, mlpHalf } from "./block.ts";

/**
 * Self-attention read at the first token only, without forming keys or values. Exact algebra, per head h:
 *
 *     scores = q_h K_h^T = (q_h Wk_h^T) x^T      (q_h . bk_h is the same for all tokens: softmax drops it)
 *     out_h  = a_h V_h   = (a_h x) Wv_h + bv_h   (the weights a_h sum to 1)
 *
 * Shapes: `x [B, T, D]` normalised tokens, result `[B, D]`. It does 1/T of the projections' work.
 */
const tokenAttention = (params: AttentionParams, x: Tensor, heads: number): Tensor => {
  const [batch, , dim] = x.shape as readonly [number, number, number];
  const width = dim / heads;
  const first = reshape(slice(x, { axis: 1, start: 0, length: 1 }), [batch, dim]);
  const third = (index: number): readonly [Tensor, Tensor] => [
    slice(params.qkv.w, { axis: 1, start: index * dim, length: dim }),
    slice(params.qkv.b, { axis: 0, start: index * dim, length: dim }),
  ];
  const perHead = (w: Tensor): Tensor => transpose(reshape(w, [dim, heads, width]), [1, 0, 2]); // [H, D, W]
  const [[wq, bq], [wk], [wv, bv]] = [third(0), third(1), third(2)];
  const q = transpose(reshape(mul(linear(first, wq, bq), 1 / Math.sqrt(width)), [batch, heads, width]), [1, 0, 2]); // [H, B, W]
  const lifted = transpose(matMul(q, perHead(wk), { transposeB: true }), [1, 0, 2]); // [B, H, D]
  const weights = softmax(matMul(lifted, x, { transposeB: true })); // [B, H, T]
  const mixed = transpose(matMul(weights, x), [1, 0, 2]); // [H, B, D]
  const values = reshape(transpose(matMul(mixed, perHead(wv)), [1, 0, 2]), [batch, dim]);
  return linear(add(values, bv), params.out.w, params.out.b);
};

/**
 * A transformer block of which only the first token is read: `x [B, T, D]` to `[B, D]`; equal to `block` at that token. For layer
 * norms only: a batch norm's statistics would need the other tokens.
 */
export const tokenBlock = (options: BlockOptions, params: BlockParams, x: Tensor, ctx: Ctx): Tensor => {
  const parts = blockParts(options);
  const [batch, tokens, dim] = x.shape as readonly [number, number, number];
  const rows = reshape(x, [batch * tokens, dim]);
  const normal = scope("norm1", () => parts.norm1.apply({ params: params.norm1, state: null }, rows, ctx).out);
  const first = reshape(slice(x, { axis: 1, start: 0, length: 1 }), [batch, dim]);
  const mixed = scope("attention", () => tokenAttention(params.attention, reshape(normal, [batch, tokens, dim]), options.heads));
  return mlpHalf(parts, { params, state: null }, add(first, mixed), ctx).out;
};
