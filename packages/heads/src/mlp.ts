import {
  add,
  linear as affine,
  batchNormalize,
  checkOption,
  mul,
  ones,
  type Rng,
  relu,
  scope,
  split,
  type Tensor,
  zeros,
} from "@twinview/core";
import { fanInBound, uniform } from "@twinview/nn";

/** A head is stateless: its batch norms use the batch's own statistics, and running averages would never be read. */
export interface Head<P> {
  readonly init: (rng: Rng) => P;
  readonly apply: (params: P, x: Tensor) => Tensor;
}

/** Parameters of an mlp: `fc1`, `bn1`, `fc2`, ... in order. */
export type MlpParams = Readonly<Record<string, Readonly<Record<string, Tensor>>>>;

export interface MlpOptions {
  /** What follows the last linear layer: nothing, batch norm, or batch norm without scale and shift. */
  readonly last: "none" | "norm" | "norm-plain";
  /** Whether hidden layers are batch-normalised. */
  readonly norm?: boolean;
  /** Whether linear layers without a norm behind them have a bias. */
  readonly bias?: boolean;
}

const epsilon = 1e-5;

/**
 * A projector or predictor: linear layers of the given widths with batch norm and ReLU between them.
 * Shapes: `x [B, widths[0]]`, result `[B, widths.at(-1)]`. Layers followed by a norm have no bias. Weights start as
 * torch.nn.Linear's do, because the official heads keep that default: uniform within `1 / sqrt(in)`.
 * @see moco-v3 builder.py, _build_mlp.
 */
export const mlp = (widths: readonly number[], { last, norm = true, bias = false }: MlpOptions): Head<MlpParams> => {
  checkOption(
    "mlp",
    "widths",
    `[${widths.join(", ")}]`,
    widths.length >= 2 && widths.every((w) => Number.isInteger(w) && w > 0),
    "two or more positive widths",
  );
  const layers = widths.slice(1).map((out, i) => {
    const isLast = i === widths.length - 2;
    const normKind = isLast ? last : norm ? "norm" : "none";
    return { index: i + 1, in: widths[i] as number, out, isLast, normKind, bias: normKind === "none" && bias };
  });
  return {
    init: (rng) => {
      const keys = split(
        rng,
        layers.map((layer) => `fc${layer.index}`),
      );
      const entries = layers.flatMap((layer) => {
        const name = `fc${layer.index}`;
        const w = uniform(keys[name] as Rng, [layer.in, layer.out], fanInBound(layer.in));
        const fc = [name, layer.bias ? { w, b: zeros([layer.out]) } : { w }] as const;
        const bn = [`bn${layer.index}`, { scale: ones([layer.out]), shift: zeros([layer.out]) }] as const;
        return layer.normKind === "norm" ? [fc, bn] : [fc];
      });
      return Object.fromEntries(entries) as MlpParams;
    },
    apply: (params, x) =>
      layers.reduce((input, layer) => {
        const fc = params[`fc${layer.index}`] as { readonly w: Tensor; readonly b?: Tensor };
        const bn = params[`bn${layer.index}`] as { readonly scale: Tensor; readonly shift: Tensor } | undefined;
        return scope(`fc${layer.index}`, () => {
          const y = affine(input, fc.w, fc.b); // [B, out]
          const normal = layer.normKind === "none" ? y : batchNormalize(y, { epsilon });
          const scaled = bn ? add(mul(normal, bn.scale), bn.shift) : normal;
          return layer.isLast ? scaled : relu(scaled);
        });
      }, x),
  };
};
