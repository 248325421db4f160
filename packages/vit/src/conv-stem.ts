import { checkOption, type Module, relu, reshape, split, type Tensor, transpose } from "@twinview/core";
import { type ConvNormParams, type ConvNormState, convNorms, fanInBound, type LinearParams, linear, uniform } from "@twinview/nn";

export type ConvStemParams = ConvNormParams & { readonly project: LinearParams };

/**
 * The convolutional stem in place of the patch projection: 3 x 3 convolutions of stride 2 with batch norm and ReLU until one pixel
 * stands for a patch, then a linear map of each pixel. Widths double up to `dim`: for patches of 16 they are dim / 8, dim / 4,
 * dim / 2 and dim, as published; a smaller patch, a power of 2 too, takes the last of them. Weights start as torch's layers do,
 * uniform within `1 / sqrt(fan in)`, because the official code leaves them so. Shapes: `[B, S, S, 3]` to `[B (S / patch)^2, dim]`.
 * @throws ShapeError if the patch is not a power of 2 above 1 or the width does not halve that often.
 * @see Xiao et al., arXiv 2106.14881; moco-v3 vits.py, ConvStem.
 */
export const convStem = ({ patch, dim }: { readonly patch: number; readonly dim: number }): Module<ConvStemParams, ConvNormState> => {
  const depth = Math.log2(patch);
  checkOption("convStem", "patch", patch, Number.isInteger(depth) && depth > 0, "a power of 2 above 1");
  checkOption("convStem", "dim", dim, dim % 2 ** (depth - 1) === 0, `a multiple of ${2 ** (depth - 1)} for patches of ${patch}`);
  const widths = [3, ...Array.from({ length: depth }, (_, i) => dim / 2 ** (depth - 1 - i))];
  const layers = widths.slice(1).map((out, i) => {
    const from = widths[i] as number;
    const bound = fanInBound(from * 9);
    return {
      in: from,
      out,
      kernel: 3,
      stride: 2,
      draw: (rng: Parameters<typeof uniform>[0], shape: readonly number[]) => uniform(rng, shape, bound),
    };
  });
  const convolutions = convNorms(layers);
  const project = linear({ in: dim, out: dim, bound: fanInBound(dim) });
  return {
    init: (rng) => {
      const keys = split(rng, ["convolutions", "project", "bias"]);
      const { params, state } = convolutions.init(keys.convolutions);
      const { w } = project.init(keys.project).params;
      return { params: { ...params, project: { w, b: uniform(keys.bias, [dim], fanInBound(dim)) } }, state };
    },
    apply: ({ params, state }, images, ctx) => {
      const step = convolutions.apply({ params, state }, transpose(images, [3, 0, 1, 2]), ctx);
      const [, batch, rows, columns] = step.out.shape as readonly [number, number, number, number];
      const pixels: Tensor = reshape(transpose(relu(step.out), [1, 2, 3, 0]), [batch * rows * columns, dim]);
      return { out: project.apply({ params: params.project, state: null }, pixels, ctx).out, state: step.state };
    },
  };
};
