import type { Ctx, Module, Rng, Tensor } from "@twinview/core";
import { type Head, mlp, prototypes } from "@twinview/heads";
import { attention, batchNorm, channelNorm, convolution, gelu, layerNorm, linear, relu, seq } from "@twinview/nn";
import { block as residualBlock, resnet } from "@twinview/resnet";
import { block, patchProjection, type VitSize, vit } from "@twinview/vit";

/** One module with an input it accepts; trees of any structure, so their types are dropped. */
export interface ModuleRow {
  readonly name: string;
  readonly init: (rng: Rng) => { readonly params: unknown; readonly state: unknown };
  readonly apply: (
    vars: { readonly params: unknown; readonly state: unknown },
    x: Tensor,
    ctx: Ctx,
  ) => { readonly out: Tensor; readonly state: unknown };
  /** Shape of an input. */
  readonly input: readonly number[];
  /**
   * Whether ReLUs inside bend its output between the points of a finite difference; its gradient is then held to torch's, in
   * resnet.test.ts and vit-variants.test.ts.
   */
  readonly bends: boolean;
}

const row = <P, S>(name: string, module: Module<P, S>, input: readonly number[], bends = false): ModuleRow => ({
  name,
  init: module.init,
  apply: (vars, x, ctx) => module.apply(vars as { params: P; state: S }, x, ctx),
  input,
  bends,
});

const head = <P>(name: string, { init, apply }: Head<P>, input: readonly number[]): ModuleRow =>
  row<P, null>(
    name,
    { init: (rng) => ({ params: init(rng), state: null }), apply: ({ params }, x) => ({ out: apply(params, x), state: null }) },
    input,
  );

/** As small as a vision transformer can be and still have two blocks and two heads. */
export const smallest: VitSize = { name: "smallest", dim: 8, depth: 2, heads: 2 };
const images = [2, 8, 8, 3];

/**
 * Every module of the library: add a row for a new one and it is held to the laws of conformance/modules.test.ts and compared
 * on every engine.
 */
export const modules: readonly ModuleRow[] = [
  row("linear", linear({ in: 5, out: 3 }), [4, 5]),
  row("linear without bias", linear({ in: 5, out: 3, bias: false }), [4, 5]),
  row("layerNorm", layerNorm({ dim: 6 }), [4, 6]),
  row("batchNorm", batchNorm({ dim: 3 }), [6, 3]),
  row("batchNorm, plain", batchNorm({ dim: 3, affine: false }), [6, 3]),
  row("channelNorm", channelNorm({ dim: 3 }), [3, 4, 2, 2]),
  row("convolution", convolution({ in: 3, out: 4, kernel: 3, stride: 2 }), [3, 2, 5, 4]),
  row("gelu", gelu, [4, 5]),
  row("relu", relu, [4, 5]),
  row("attention", attention({ dim: 8, heads: 2 }), [2, 5, 8]),
  row("seq", seq({ fc1: linear({ in: 4, out: 6 }), bn1: batchNorm({ dim: 6 }), act: gelu, fc2: linear({ in: 6, out: 3 }) }), [8, 4]),
  row("block", block({ dim: 8, heads: 2, hidden: 16 }), [2, 5, 8]),
  row("patchProjection", patchProjection({ patch: 4, dim: 8 }), images),
  row("vit, token", vit({ size: smallest, patch: 4, image: 8 }), images),
  row("vit, average", vit({ size: smallest, patch: 4, image: 8, readout: "average" }), images),
  row("vit, learned position", vit({ size: smallest, patch: 4, image: 8, position: "learned" }), images),
  row("vit, no position, no final norm", vit({ size: smallest, patch: 4, image: 8, position: "none", finalNorm: false }), images),
  row("residual block", residualBlock({ in: 4, width: 4, stride: 1, bottleneck: false, zeroResidual: false }), [4, 4, 4, 4], true),
  row(
    "residual block, bottleneck that shrinks",
    residualBlock({ in: 4, width: 2, stride: 2, bottleneck: true, zeroResidual: false }),
    [4, 4, 5, 4],
    true,
  ),
  row(
    "resnet",
    resnet({ size: { name: "shallow", depths: [1, 1, 1, 1], bottleneck: false }, stem: "small", width: 2 }),
    [4, 16, 16, 3],
    true,
  ),
  row("vit, convolutional stem", vit({ size: smallest, patch: 2, image: 8, stem: "conv" }), [4, 8, 8, 3], true),
  row("vit, batch norms before the MLPs", vit({ size: smallest, patch: 4, image: 8, mlpNorm: "batch" }), images),
  head("mlp, last none", mlp([5, 8, 4], { last: "none" }), [6, 5]),
  head("mlp, last norm", mlp([5, 8, 4], { last: "norm" }), [6, 5]),
  head("mlp, last plain", mlp([5, 8, 8, 4], { last: "norm-plain" }), [6, 5]),
  head("mlp, last norm without shift", mlp([5, 8, 4], { last: "norm-scale" }), [6, 5]),
  head("mlp, last layer with offset", mlp([5, 8, 4], { last: "none", lastBias: true }), [6, 5]),
  head("prototypes", prototypes({ dim: 5, count: 3 }), [6, 5]),
  head("mlp, no norms", mlp([5, 8, 4], { last: "none", norm: false, hiddenBias: true, lastBias: true }), [6, 5]),
];
