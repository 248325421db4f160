import { constant, normals, type Rng, sizeOf, type Tensor, uniforms } from "@twinview/core";

const draw = (shape: readonly number[], next: () => number): Tensor => {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = next();
  return constant(values, shape);
};

/** Numbers uniform in `[-bound, bound)`. */
export const uniform = (rng: Rng, shape: readonly number[], bound: number): Tensor => {
  const next = uniforms(rng);
  return draw(shape, () => (2 * next() - 1) * bound);
};

/** Normal numbers of mean 0. */
export const normal = (rng: Rng, shape: readonly number[], deviation: number): Tensor => {
  const next = normals(rng);
  return draw(shape, () => next() * deviation);
};

/** The bound of Xavier's uniform distribution: `sqrt(6 / (fanIn + fanOut))`. @see Glorot and Bengio, AISTATS 2010, equation 16. */
export const xavierBound = (fanIn: number, fanOut: number): number => Math.sqrt(6 / (fanIn + fanOut));

/** The bound that torch.nn.Linear draws its weights from: `1 / sqrt(fanIn)`. */
export const fanInBound = (fanIn: number): number => 1 / Math.sqrt(fanIn);

/**
 * The standard deviation that keeps gradients of kernels `[out, in, K, K]` before a ReLU at their size: `sqrt(2 / (out K^2))`.
 * @see He et al., arXiv 1502.01852, equation 14; torch's kaiming_normal_ with mode fan_out.
 */
export const fanOutDeviation = ([out, , rows, columns]: readonly number[]): number =>
  Math.sqrt(2 / ((out as number) * (rows as number) * (columns as number)));
