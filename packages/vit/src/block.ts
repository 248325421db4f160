import { add, type Ctx, type Module, type Rng, reshape, scope, split, type Tensor, type Vars } from "@twinview/core";
import {
  type AffineParams,
  type AttentionParams,
  attention,
  type BatchNormState,
  batchNorm,
  gelu,
  type LinearParams,
  layerNorm,
  linear,
  seq,
} from "@twinview/nn";

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
  /** What normalises in front of the MLP: a layer norm, or a batch norm over the tokens of all images. */
  readonly mlpNorm?: "layer" | "batch";
}

/** Running statistics of the batch norm in front of the MLP, where it is one. */
export type BlockState = { readonly norm2: BatchNormState } | null;

const normOf = (dim: number, kind: "layer" | "batch"): Module<AffineParams, BatchNormState | null> =>
  (kind === "batch" ? batchNorm({ dim }) : layerNorm({ dim })) as Module<AffineParams, BatchNormState | null>;

/** The parts of a block, for those who need only some of them. */
export const blockParts = ({ dim, heads, hidden, mlpNorm = "layer" }: BlockOptions) => ({
  norm1: layerNorm({ dim }),
  attention: attention({ dim, heads }),
  norm2: normOf(dim, mlpNorm),
  mlp: seq({ fc1: linear({ in: dim, out: hidden }), act: gelu, fc2: linear({ in: hidden, out: dim }) }),
});

/** The second half of a block on rows `x [N, D]`: `x + mlp(norm2(x))`. */
export const mlpHalf = (
  parts: ReturnType<typeof blockParts>,
  { params, state }: Vars<BlockParams, BlockState>,
  x: Tensor,
  ctx: Ctx,
): { readonly out: Tensor; readonly state: BlockState } => {
  const normal = scope("norm2", () => parts.norm2.apply({ params: params.norm2, state: state?.norm2 ?? null }, x, ctx));
  const mlp = scope("mlp", () => parts.mlp.apply({ params: params.mlp, state: { fc1: null, act: null, fc2: null } }, normal.out, ctx).out);
  return { out: add(x, mlp), state: normal.state === null ? null : { norm2: normal.state } };
};

/**
 * A pre-norm transformer block: `x + attention(norm1(x))`, then `x + mlp(norm2(x))`. Shapes: `[B, T, D]` to `[B, T, D]`.
 * @see Dosovitskiy et al., arXiv 2010.11929, equations 2 and 3.
 */
export const block = (options: BlockOptions): Module<BlockParams, BlockState> => {
  const parts = blockParts(options);
  return {
    init: (rng: Rng) => {
      const keys = split(rng, ["norm1", "attention", "norm2", "mlp"]);
      const norm2 = parts.norm2.init(keys.norm2);
      const params = {
        norm1: parts.norm1.init(keys.norm1).params,
        attention: parts.attention.init(keys.attention).params,
        norm2: norm2.params,
        mlp: parts.mlp.init(keys.mlp).params,
      };
      return { params, state: norm2.state === null ? null : { norm2: norm2.state } };
    },
    apply: ({ params, state }, x, ctx) => {
      const [batch, tokens, dim] = x.shape as readonly [number, number, number];
      const rows = reshape(x, [batch * tokens, dim]);
      const normal = scope("norm1", () => parts.norm1.apply({ params: params.norm1, state: null }, rows, ctx).out);
      const mixed = scope("attention", () =>
        parts.attention.apply({ params: params.attention, state: null }, reshape(normal, [batch, tokens, dim]), ctx),
      );
      const y = mlpHalf(parts, { params, state }, add(rows, reshape(mixed.out, [batch * tokens, dim])), ctx);
      return { out: reshape(y.out, [batch, tokens, dim]), state: y.state };
    },
  };
};
