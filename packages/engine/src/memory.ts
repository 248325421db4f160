import { type HostArray, type HostTree, leaves, ShapeError, type Tree } from "@twinview/core";

/** Something with a shape: a tensor, a host array, or only a description. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** Working memory of a session by its shapes: float32 numbers that programs hand to each other. */
export type Scratch = Tree<Shaped>;

const branch = "scratch";

/** The path of a leaf of working memory among the leaves of the state. */
export const scratchPath = (path: string): string => (path === "" ? branch : `${branch}/${path}`);

/** A leaf that a session keeps. */
export interface MemoryLeaf {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: HostArray["dtype"];
}

/**
 * All that a session keeps: the leaves of the state under their own paths, those of working memory under `scratch/`.
 * @throws ShapeError if the state has a branch of that name, which would stand in the way.
 */
export const memoryOfSession = (state: HostTree, scratch: Scratch): readonly MemoryLeaf[] => {
  const kept = leaves<HostArray>(state).map(([path, { shape, dtype }]) => ({ path, shape, dtype }));
  const working = leaves<Shaped>(scratch).map(([path, { shape }]) => ({ path: scratchPath(path), shape, dtype: "float32" as const }));
  if (working.length > 0 && kept.some(({ path }) => path === branch || path.startsWith(`${branch}/`)))
    throw new ShapeError(`open: the state has a branch named ${branch}, which is the name of working memory`);
  return [...kept, ...working];
};
