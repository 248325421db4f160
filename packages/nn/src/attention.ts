import { attention as attend, checkOption, concat, type Module, reshape, split, type Tensor, zeros } from "@twinview/core";
import { uniform, xavierBound } from "./initializers.ts";
import { type LinearParams, linear } from "./linear.ts";

export interface AttentionParams {
  /** `w [D, 3 D]`, `b [3 D]`: columns of queries, keys and values. */
  readonly qkv: { readonly w: Tensor; readonly b: Tensor };
  readonly out: LinearParams;
}

/**
 * Multi-head self-attention with its projections. Shapes: `x [B, T, D]`, result `[B, T, D]`.
 * Queries, keys and values start as three separate Xavier-uniform matrices (moco-v3's vits.py).
 */
export const attention = ({ dim, heads }: { readonly dim: number; readonly heads: number }): Module<AttentionParams, null> => {
  checkOption("attention", "dim", dim, dim % heads === 0, `a multiple of the ${heads} heads`);
  const out = linear({ in: dim, out: dim });
  return {
    init: (rng) => {
      const keys = split(rng, ["query", "key", "value", "out"]);
      const parts = [keys.query, keys.key, keys.value].map((key) => uniform(key, [dim, dim], xavierBound(dim, dim)));
      return { params: { qkv: { w: concat(parts, 1), b: zeros([3 * dim]) }, out: out.init(keys.out).params }, state: null };
    },
    apply: ({ params }, x, ctx) => {
      const [batch, tokens] = x.shape as readonly [number, number, number];
      const rows = reshape(x, [batch * tokens, dim]);
      const qkv = linear({ in: dim, out: 3 * dim }).apply({ params: params.qkv, state: null }, rows, ctx).out;
      const mixed = attend(reshape(qkv, [batch, tokens, 3 * dim]), { heads });
      const y = out.apply({ params: params.out, state: null }, reshape(mixed, [batch * tokens, dim]), ctx).out;
      return { out: reshape(y, [batch, tokens, dim]), state: null };
    },
  };
};
