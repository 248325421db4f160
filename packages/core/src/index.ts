export { checkOption, checkShape, ShapeError } from "./errors.ts";
export { fold, normals, permutation, type Rng, rngOf, split, threefry, uniforms } from "./rng.ts";
export { isLeaf, leaves, mapTree, rebuild, type Tree } from "./tree.ts";
