import { linear, matMul, reshape, slice, softmax, type Tensor, transpose } from "@twinview/core";
import { type BlockOptions, type BlockParams, blockParts } from "./block.ts";

/**
 * How much the first token of a block looks at each token, by head: `softmax(q_0 K^T / sqrt(W))`, of the tokens `x [B, T, D]` that come
 * into the block. Result `[B, H, T]`, rows sum to 1.
 * @see the attention maps of Caron et al., DINO, arXiv 2104.14294, figure 1.
 */
export const classAttention = (options: BlockOptions, params: BlockParams, x: Tensor): Tensor => {
  const { heads } = options;
  const [batch, tokens, dim] = x.shape as readonly [number, number, number];
  const width = dim / heads;
  const parts = blockParts(options);
  const rows = reshape(x, [batch * tokens, dim]);
  const normal = parts.norm1.apply({ params: params.norm1, state: null }, rows, { train: false, hyper: {} }).out;
  const { w, b } = params.attention.qkv;
  const third = (index: number): Tensor =>
    linear(normal, slice(w, { axis: 1, start: index * dim, length: dim }), slice(b, { axis: 0, start: index * dim, length: dim }));
  const byHead = (rowsOf: Tensor, count: number): Tensor => transpose(reshape(rowsOf, [batch, count, heads, width]), [0, 2, 1, 3]); // [B, H, n, W]
  const first = slice(reshape(third(0), [batch, tokens, dim]), { axis: 1, start: 0, length: 1 });
  const scores = matMul(byHead(first, 1), byHead(third(1), tokens), { transposeB: true, alpha: 1 / Math.sqrt(width) }); // [B, H, 1, T]
  return reshape(softmax(scores), [batch, heads, tokens]);
};
