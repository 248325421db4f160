import { constant } from "./constant.ts";
import { checkShape } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

const mul = (a: Tensor, b: Tensor): Tensor => runKernel("Multiply", { a, b });
const sub = (a: Tensor, b: Tensor): Tensor => runKernel("Sub", { a, b });
const add = (a: Tensor, b: Tensor): Tensor => runKernel("Add", { a, b });
const meanOf = (x: Tensor): Tensor => runKernel("Mean", { x }, { axis: [1], keepDims: true });
const reshape = (x: Tensor, shape: readonly number[]): Tensor => runKernel("Reshape", { x }, { shape });
const number = (value: number): Tensor => constant([value], []);

/** `[x - mean, mean, variance]` of each row of `x [C, L]`; mean and variance `[C, 1]`. Two passes: the variance of a large mean stays exact. */
const centre = (x: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const mean = meanOf(x);
  const centred = sub(x, mean);
  return [centred, mean, meanOf(mul(centred, centred))];
};

/** Mean and biased variance of each row of `x [C, L]`, each `[C]`, without gradient. */
export const rowMoments = (x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } => {
  checkShape("rowMoments", "x", x.shape, [null, null]);
  const [, mean, variance] = centre(x);
  const channels = x.shape[0] as number;
  return { mean: reshape(mean, [channels]), variance: reshape(variance, [channels]) };
};

/**
 * Batch normalisation of channels that lie in rows: `y = (x - mean) / sqrt(var + epsilon) * scale + shift`, with mean and biased
 * variance of each row. Shapes: `x [C, L]`, `scale [C]`, `shift [C]`, result `[C, L]`.
 * @see Ioffe and Szegedy, arXiv 1502.03167; with r = 1 / sqrt(var + epsilon), c = x - mean, the gradient is
 * `dx = scale r (dy - mean(dy) - c r^2 mean(dy c))`.
 */
export const normalizeChannels = (x: Tensor, scale: Tensor, shift: Tensor, { epsilon }: { readonly epsilon: number }): Tensor => {
  checkShape("normalizeChannels", "x", x.shape, [null, null]);
  const [channels, length] = x.shape as readonly [number, number];
  checkShape("normalizeChannels", "scale", scale.shape, [channels]);
  checkShape("normalizeChannels", "shift", shift.shape, [channels]);
  return operation((input, gain, offset) => {
    const [centred, , variance] = centre(input);
    const r = runKernel("RealDiv", { a: number(1), b: runKernel("Sqrt", { x: add(variance, number(epsilon)) }) }); // [C, 1]
    const factor = mul(reshape(gain, [channels, 1]), r);
    return {
      value: add(mul(centred, factor), reshape(offset, [channels, 1])),
      keep: [centred, r, factor],
      gradient: (dy, kept) => {
        const [c, inverse, gainByDeviation] = kept as readonly [Tensor, Tensor, Tensor];
        const meanDy = meanOf(dy);
        const meanDyC = meanOf(mul(dy, c));
        const slope = mul(mul(inverse, inverse), meanDyC);
        const dx = mul(gainByDeviation, sub(dy, add(mul(c, slope), meanDy)));
        const total = number(length);
        return [dx, reshape(mul(mul(inverse, meanDyC), total), [channels]), reshape(mul(meanDy, total), [channels])];
      },
    };
  })(x, scale, shift);
};
