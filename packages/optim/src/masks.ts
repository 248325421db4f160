/** Which parameters something applies to, by path and shape. */
export type ParameterMask = (path: string, shape: readonly number[]) => boolean;

/** Which parameters decay. */
export type DecayMask = ParameterMask;

/** Matrices decay, biases and norms do not: told by rank, as moco-v3's LARS does. */
export const decayMatrices: DecayMask = (_, shape) => shape.length > 1;

const biasOrNorm = new Set(["b", "scale", "shift"]);

/** Everything but offsets and the scales and shifts of norms: told by name, as BYOL's and SimCLR's LARS do. */
export const excludeBiasAndNorm: ParameterMask = (path) => !biasOrNorm.has(path.slice(path.lastIndexOf("/") + 1));
