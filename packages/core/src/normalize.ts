import { constant } from "./constant.ts";
import { checkShape } from "./errors.ts";
import { sumRows } from "./linear.ts";
import { product } from "./matmul.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel, runKernels } from "./tfjs.ts";

const mul = (a: Tensor, b: Tensor): Tensor => runKernel("Multiply", { a, b });
const sub = (a: Tensor, b: Tensor): Tensor => runKernel("Sub", { a, b });
const add = (a: Tensor, b: Tensor): Tensor => runKernel("Add", { a, b });
const meanOf = (x: Tensor, axis: number): Tensor => runKernel("Mean", { x }, { axis: [axis], keepDims: true });
const inverseRoot = (variance: Tensor, epsilon: number): Tensor => {
  const root = runKernel("Sqrt", { x: add(variance, constant([epsilon], [])) });
  return runKernel("RealDiv", { a: constant([1], []), b: root });
};

/** `[normalised and scaled, mean [N, 1], 1 / standard deviation [N, 1]]` of the rows. */
const layerNormForward = (x: Tensor, scale: Tensor, shift: Tensor, epsilon: number): readonly [Tensor, Tensor, Tensor] => {
  if (hasKernel("LayerNormalization")) {
    const [y, mu, inverse] = runKernels("LayerNormalization", { x, scale, shift }, { epsilon });
    return [y as Tensor, mu as Tensor, inverse as Tensor];
  }
  const mu = meanOf(x, 1);
  const centred = sub(x, mu);
  const inverse = inverseRoot(meanOf(mul(centred, centred), 1), epsilon);
  return [add(mul(mul(centred, inverse), scale), shift), mu, inverse];
};

/**
 * Layer normalisation of each row: `y = (x - mean) / sqrt(var + epsilon) * scale + shift`, with the biased variance.
 * Shapes: `x [N, D]`, `scale [D]`, `shift [D]`, result `[N, D]`.
 * @see Ba et al., arXiv 1607.06450; the gradient is `dx = r (g - mean(g) - h mean(g h))`, g = dy scale, h the normalised x.
 */
export const layerNorm = (x: Tensor, scale: Tensor, shift: Tensor, { epsilon }: { readonly epsilon: number }): Tensor => {
  const width = x.shape[1] as number;
  checkShape("layerNorm", "x", x.shape, [null, null]);
  checkShape("layerNorm", "scale", scale.shape, [width]);
  checkShape("layerNorm", "shift", shift.shape, [width]);
  return operation((input, gain, offset) => {
    const [y, mu, inverse] = layerNormForward(input, gain, offset, epsilon);
    return {
      value: y,
      keep: [input, mu, inverse, gain],
      gradient: (dy, kept) => {
        const [value, mean, r, g] = kept as readonly [Tensor, Tensor, Tensor, Tensor];
        const normal = mul(sub(value, mean), r); // [N, D]
        const dyNormal = mul(dy, normal);
        const column = runKernel("Reshape", { x: g }, { shape: [width, 1] });
        const mean1 = product(dy, column, { alpha: 1 / width }); // mean(dy g), [N, 1]
        const mean2 = product(dyNormal, column, { alpha: 1 / width });
        const dx = mul(r, sub(mul(dy, g), add(mean1, mul(normal, mean2))));
        return [dx, sumRows(dyNormal), sumRows(dy)];
      },
    };
  })(x, scale, shift);
};

/** Mean and biased variance of the columns of `x [N, C]`, each `[C]`, without gradient. */
export const columnMoments = (x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } => {
  const rows = constant([1 / (x.shape[0] as number)], []);
  const mean = mul(sumRows(x), rows);
  const centred = sub(x, mean);
  return { mean, variance: mul(sumRows(mul(centred, centred)), rows) };
};

/**
 * Normalises each column by its own mean and biased variance over the batch: `y = (x - mean) / sqrt(var + epsilon)`.
 * Shapes: `x [N, C]`, result `[N, C]`. Scale and shift, where wanted, are applied by the caller.
 * @see Ioffe and Szegedy, arXiv 1502.03167.
 */
export const batchNormalize = (x: Tensor, { epsilon }: { readonly epsilon: number }): Tensor => {
  checkShape("batchNormalize", "x", x.shape, [null, null]);
  return operation((input) => {
    const { mean, variance } = columnMoments(input);
    const r = inverseRoot(variance, epsilon);
    const y = mul(sub(input, mean), r);
    return {
      value: y,
      keep: [y, r],
      gradient: (dy, kept) => {
        const [normal, inverse] = kept as readonly [Tensor, Tensor];
        const rows = constant([1 / (x.shape[0] as number)], []);
        const mean1 = mul(sumRows(dy), rows); // [C]
        const mean2 = mul(sumRows(mul(dy, normal)), rows);
        return [mul(inverse, sub(sub(dy, mean1), mul(normal, mean2)))];
      },
    };
  })(x);
};

/**
 * Scales each row to unit length: `y = x / max(|x|, epsilon)`.
 * Shapes: `x [N, D]`, result `[N, D]`. The epsilon is that of torch.nn.functional.normalize.
 */
export const l2Normalize = (x: Tensor, { epsilon = 1e-12 }: { readonly epsilon?: number } = {}): Tensor => {
  checkShape("l2Normalize", "x", x.shape, [null, null]);
  return operation((input) => {
    const length = runKernel("Sqrt", { x: runKernel("Sum", { x: mul(input, input) }, { axis: [1], keepDims: true }) });
    const safe = runKernel("Maximum", { a: length, b: constant([epsilon], []) });
    const y = runKernel("RealDiv", { a: input, b: safe });
    return {
      value: y,
      keep: [y, safe],
      gradient: (dy, kept) => {
        const [unit, norm] = kept as readonly [Tensor, Tensor];
        const along = runKernel("Sum", { x: mul(dy, unit) }, { axis: [1], keepDims: true });
        return [runKernel("RealDiv", { a: sub(dy, mul(unit, along)), b: norm })];
      },
    };
  })(x);
};
