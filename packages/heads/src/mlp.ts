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
import type { Head } from "./head.ts";

/** Parameters of an mlp: `fc1`, `bn1`, `fc2`, ... in order. */
export type MlpParams = Readonly<Record<string, Readonly<Record<string, Tensor>>>>;

/** What follows a linear layer: nothing, or batch norm with scale and shift, with scale alone, or with neither. */
export type LayerNorm = "none" | "norm" | "norm-scale" | "norm-plain";

export interface MlpOptions {
  /** What follows the last linear layer. */
  readonly last: LayerNorm;
  /** Whether hidden layers are batch-normalised. Default true. */
  readonly norm?: boolean;
  /** Whether hidden linear layers have an offset; behind one a batch norm has no use for it, but two official codes keep it. Default false. */
  readonly hiddenBias?: boolean;
  /** Whether the last linear layer has an offset. Default false. */
  readonly lastBias?: boolean;
}

const epsilon = 1e-5;

interface Layer {
  readonly fc: string;
  readonly bn: string;
  readonly in: number;
  readonly out: number;
  readonly isLast: boolean;
  readonly norm: LayerNorm;
  readonly bias: boolean;
}

const layersOf = (widths: readonly number[], { last, norm = true, hiddenBias = false, lastBias = false }: MlpOptions): readonly Layer[] =>
  widths.slice(1).map((out, i) => {
    const isLast = i === widths.length - 2;
    const own = isLast ? { norm: last, bias: lastBias } : { norm: norm ? ("norm" as const) : ("none" as const), bias: hiddenBias };
    return { fc: `fc${i + 1}`, bn: `bn${i + 1}`, in: widths[i] as number, out, isLast, ...own };
  });

const initLayer = (rng: Rng, { fc, bn, norm, bias, out, in: fanIn }: Layer): MlpParams => {
  const w = uniform(rng, [fanIn, out], fanInBound(fanIn));
  return {
    [fc]: bias ? { w, b: zeros([out]) } : { w },
    ...(norm === "norm" ? { [bn]: { scale: ones([out]), shift: zeros([out]) } } : {}),
    ...(norm === "norm-scale" ? { [bn]: { scale: ones([out]) } } : {}),
  };
};

const applyLayer = (params: MlpParams, { fc, bn, norm, isLast }: Layer, x: Tensor): Tensor => {
  const { w, b } = params[fc] as { readonly w: Tensor; readonly b?: Tensor };
  const { scale, shift } = (params[bn] ?? {}) as { readonly scale?: Tensor; readonly shift?: Tensor };
  const y = affine(x, w, b); // [B, out]
  const normal = norm === "none" ? y : batchNormalize(y, { epsilon });
  const scaled = scale === undefined ? normal : mul(normal, scale);
  const shifted = shift === undefined ? scaled : add(scaled, shift);
  return isLast ? shifted : relu(shifted);
};

/**
 * A projector or predictor: linear layers of the given widths with batch norm and ReLU between them.
 * Shapes: `x [B, widths[0]]`, result `[B, widths.at(-1)]`. Weights start as torch.nn.Linear's do, because three of the four official
 * codes keep that default: uniform within `1 / sqrt(in)`; offsets start at 0.
 * @throws ShapeError if there are fewer than two widths, or one is not a positive whole number.
 * @see moco-v3 builder.py, _build_mlp; the options cover the heads of all four official codes.
 */
export const mlp = (widths: readonly number[], options: MlpOptions): Head<MlpParams> => {
  const fits = widths.length >= 2 && widths.every((w) => Number.isInteger(w) && w > 0);
  checkOption("mlp", "widths", `[${widths.join(", ")}]`, fits, "two or more positive widths");
  const layers = layersOf(widths, options);
  return {
    init: (rng) => {
      const keys = split(
        rng,
        layers.map(({ fc }) => fc),
      );
      return Object.assign({}, ...layers.map((layer) => initLayer(keys[layer.fc] as Rng, layer))) as MlpParams;
    },
    apply: (params, x) => layers.reduce((input, layer) => scope(layer.fc, () => applyLayer(params, layer, input)), x),
  };
};
