import { ShapeError } from "./errors.ts";

/** Nested records whose leaves are values of one kind. `null` stands for a part without leaves. */
export type Tree<T> = T | null | { readonly [name: string]: Tree<T> };

const isBranch = <T>(tree: Tree<T>, isLeaf: (value: unknown) => boolean): tree is { readonly [name: string]: Tree<T> } =>
  typeof tree === "object" && tree !== null && !isLeaf(tree);

/** A leaf of the library's trees is anything with a shape: a traced tensor or a host array. */
export const isLeaf = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "shape" in value && Array.isArray(value.shape);

/** Leaves with their paths (`projector/fc1/w`), in the order of the keys. */
export const leaves = <T>(tree: Tree<T>, prefix = ""): readonly (readonly [path: string, leaf: T])[] => {
  if (tree === null) return [];
  if (!isBranch(tree, isLeaf)) return [[prefix, tree as T]];
  return Object.entries(tree).flatMap(([name, child]) => leaves(child, prefix === "" ? name : `${prefix}/${name}`));
};

/**
 * Applies `f` to the leaves at the same path of one or more trees of the same structure.
 * @throws ShapeError naming the first path that one of the trees lacks or has too many.
 */
export const mapTree = <T, R, P extends Tree<T> = Tree<T>>(
  f: (leaf: T, path: string, ...others: readonly T[]) => R,
  tree: P,
  ...others: readonly Tree<T>[]
): Tree<R> => {
  const walk = (node: Tree<T>, rest: readonly Tree<T>[], path: string): Tree<R> => {
    if (node === null) {
      if (rest.some((other) => other !== null))
        throw new ShapeError(`mapTree: the trees differ at "${path}": a part without leaves against one with some`);
      return null;
    }
    if (!isBranch(node, isLeaf)) {
      for (const other of rest) if (!isLeaf(other)) throw new ShapeError(`mapTree: the trees differ at "${path}": a leaf against a branch`);
      return f(node as T, path, ...(rest as readonly T[]));
    }
    const names = Object.keys(node);
    for (const other of rest) {
      const found = isBranch(other, isLeaf) ? Object.keys(other) : [];
      const odd = names.find((name) => !found.includes(name)) ?? found.find((name) => !names.includes(name));
      if (odd !== undefined) throw new ShapeError(`mapTree: the trees differ at "${path === "" ? odd : `${path}/${odd}`}"`);
    }
    const entries = names.map((name) => {
      const children = rest.map((other) => (other as { readonly [name: string]: Tree<T> })[name] as Tree<T>);
      return [name, walk(node[name] as Tree<T>, children, path === "" ? name : `${path}/${name}`)] as const;
    });
    return Object.fromEntries(entries);
  };
  return walk(tree, others, "");
};

/**
 * The tree of `like`'s structure with the leaf at each path taken from `values`.
 * @throws ShapeError naming the paths that are missing.
 */
export const rebuild = <T, P extends Tree<unknown>>(like: P, values: ReadonlyMap<string, T>): Tree<T> => {
  const missing = leaves(like)
    .map(([path]) => path)
    .filter((path) => !values.has(path));
  if (missing.length > 0)
    throw new ShapeError(`rebuild: no value for ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? " ..." : ""}`);
  return mapTree((_, path) => values.get(path) as T, like as Tree<unknown>);
};

/** The part of a tree whose leaves' paths satisfy `keep`; branches left empty stay as `{}`. */
export const pick = <T>(tree: Tree<T>, keep: (path: string) => boolean, path = ""): Tree<T> => {
  if (tree === null || !isBranch(tree, isLeaf)) return tree;
  const kept = Object.entries(tree).filter(([name, child]) => !isLeaf(child) || keep(path === "" ? name : `${path}/${name}`));
  return Object.fromEntries(kept.map(([name, child]) => [name, pick(child, keep, path === "" ? name : `${path}/${name}`)]));
};

/** The tree `base` with the leaves that `part` has taken from `part`. */
export const overlay = <T>(base: Tree<T>, part: Tree<T>): Tree<T> => {
  if (part === null) return base;
  if (base === null || !isBranch(base, isLeaf) || !isBranch(part, isLeaf)) return part;
  return Object.fromEntries(
    Object.entries(base).map(([name, child]) => [name, name in part ? overlay(child, part[name] as Tree<T>) : child]),
  );
};
