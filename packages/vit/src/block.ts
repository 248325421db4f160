import { add, type Ctx, type Module, type Rng, reshape, scope, split, type Tensor } from "@twinview/core";
import { type AffineParams, type AttentionParams, attention, gelu, type LinearParams, layerNorm, linear, seq } from "@twinview/nn";

export interface BlockParams {
  readonly norm1: AffineParams;
  readonly attention: AttentionParams;
  readonly norm2: AffineParams;
  readonly mlp: { readonly fc1: LinearParams; readonly act: null; readonly fc2: LinearParams };
}

export interface BlockOptions {
  readonly dim: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP. */
  readonly hidden: number;
}

/** The parts of a block, for those who need only some of them. */
export const blockParts = ({ dim, heads, hidden }: BlockOptions) => ({
  norm1: layerNorm({ dim }),
  attention: attention({ dim, heads }),
  norm2: layerNorm({ dim }),
  mlp: seq({ fc1: linear({ in: dim, out: hidden }), act: gelu, fc2: linear({ in: hidden, out: dim }) }),
});

/** The second half of a block on rows `x [N, D]`: `x + mlp(norm2(x))`. */
export const mlpHalf = (parts: ReturnType<typeof blockParts>, params: BlockParams, x: Tensor, ctx: Ctx): Tensor => {
  const normal = scope("norm2", () => parts.norm2.apply({ params: params.norm2, state: null }, x, ctx).out);
  const state = { fc1: null, act: null, fc2: null };
  return add(
    x,
    scope("mlp", () => parts.mlp.apply({ params: params.mlp, state }, normal, ctx).out),
  );
};

/**
 * A pre-norm transformer block: `x + attention(norm1(x))`, then `x + mlp(norm2(x))`. Shapes: `[B, T, D]` to `[B, T, D]`.
 * @see Dosovitskiy et al., arXiv 2010.11929, equations 2 and 3.
 */
export const block = (options: BlockOptions): Module<BlockParams, null> => {
  const parts = blockParts(options);
  return {
    init: (rng: Rng) => {
      const keys = split(rng, ["norm1", "attention", "norm2", "mlp"]);
      const params = {
        norm1: parts.norm1.init(keys.norm1).params,
        attention: parts.attention.init(keys.attention).params,
        norm2: parts.norm2.init(keys.norm2).params,
        mlp: parts.mlp.init(keys.mlp).params,
      };
      return { params, state: null };
    },
    apply: ({ params }, x, ctx) => {
      const [batch, tokens, dim] = x.shape as readonly [number, number, number];
      const rows = reshape(x, [batch * tokens, dim]);
      const normal = scope("norm1", () => parts.norm1.apply({ params: params.norm1, state: null }, rows, ctx).out);
      const mixed = scope("attention", () =>
        parts.attention.apply({ params: params.attention, state: null }, reshape(normal, [batch, tokens, dim]), ctx),
      );
      const y = mlpHalf(parts, params, add(rows, reshape(mixed.out, [batch * tokens, dim])), ctx);
      return { out: reshape(y, [batch, tokens, dim]), state: null };
    },
  };
};
