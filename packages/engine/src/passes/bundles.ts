import { elementsOf, type Graph, type Value } from "../graph.ts";
import { roleOf } from "../roles.ts";
import { type Cone, coneOf, type Producers } from "./cones.ts";

/** State leaves whose updates read each other (a parameter, its moments, its moving average), with their cones in a fixed order. */
export interface Bundle {
  readonly cones: readonly Cone[];
  /** For each cone, what its sources are: another leaf of the bundle, or something from outside, numbered within the bundle. */
  readonly sources: readonly (readonly BundleSource[])[];
  readonly outside: readonly Value[];
}

export type BundleSource = { readonly leaf: number } | { readonly outside: number };

/** Leaves up to this many numbers are bundled: small ones cost more to start a kernel on than to compute. */
const largest = 16_384;

/** Groups of paths that are linked by some cone, by union-find. */
const linked = (cones: readonly Cone[], pathOf: (value: Value) => string | undefined): readonly (readonly Cone[])[] => {
  const parent = new Map(cones.map((cone) => [cone.path, cone.path]));
  const root = (path: string): string => {
    let at = path;
    while (parent.get(at) !== at) at = parent.get(at) as string;
    return at;
  };
  for (const cone of cones) {
    for (const source of cone.sources) {
      const path = pathOf(source);
      if (path !== undefined && parent.has(path)) parent.set(root(path), root(cone.path));
    }
  }
  const groups = new Map<string, Cone[]>();
  for (const cone of cones) groups.set(root(cone.path), [...(groups.get(root(cone.path)) ?? []), cone]);
  return [...groups.values()];
};

const bundleOf = (members: readonly Cone[], pathOf: (value: Value) => string | undefined): Bundle => {
  const cones = [...members].sort((a, b) =>
    a.signature === b.signature ? (a.path < b.path ? -1 : 1) : a.signature < b.signature ? -1 : 1,
  );
  const outside: Value[] = [];
  const sources = cones.map((cone) =>
    cone.sources.map((source): BundleSource => {
      const leaf = cones.findIndex((other) => other.path === pathOf(source));
      if (leaf >= 0) return { leaf };
      if (!outside.includes(source)) outside.push(source);
      return { outside: outside.indexOf(source) };
    }),
  );
  return { cones, sources, outside };
};

/** Bundles of small state leaves that `may` be bundled, in groups of equal computation; each group has at least two. */
export const bundleGroups = (graph: Graph, producers: Producers, may: (path: string) => boolean): readonly (readonly Bundle[])[] => {
  const paths = new Map<Value, string>();
  for (const { name, value } of graph.inputs) {
    const role = roleOf(name);
    if (role.kind === "state") paths.set(value, role.name);
  }
  const pathOf = (value: Value): string | undefined => paths.get(value);
  const cones = graph.outputs.flatMap(({ name, value }) => {
    const role = roleOf(name);
    const cone =
      role.kind === "write" && may(role.name) && elementsOf(value.shape) <= largest ? coneOf(producers, role.name, value) : undefined;
    return cone === undefined ? [] : [cone];
  });
  const groups = new Map<string, Bundle[]>();
  for (const members of linked(cones, pathOf)) {
    const bundle = bundleOf(members, pathOf);
    const key = JSON.stringify([bundle.cones.map((cone) => cone.signature), bundle.sources]);
    groups.set(key, [...(groups.get(key) ?? []), bundle]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
};
