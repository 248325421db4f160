import { scope, type Tensor, type Tree } from "@twinview/core";
import type { Bound, Heads } from "./method.ts";

type Applied = { readonly apply: (params: unknown, x: Tensor) => Tensor };

/** Heads with their parameters from a tree, as functions of features; operations are labelled with `where` and the name. */
export const bindHeads = <Hs extends Heads>(
  heads: Hs,
  params: Tree<Tensor>,
  names: readonly (keyof Hs & string)[],
  where: string,
): Bound<Hs> => {
  const tree = params as { readonly [name: string]: Tree<Tensor> };
  const bound = names.map((name) => [name, (x: Tensor) => scope(`${where}/${name}`, () => (heads[name] as Applied).apply(tree[name], x))]);
  return Object.fromEntries(bound) as Bound<Hs>;
};
