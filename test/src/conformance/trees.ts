import { type HostArray, type HostTree, leaves, mapTree } from "@twinview/core";
import { at, drawn, expectClose, fromIndex } from "@twinview/testkit";
import { expect } from "vitest";

/** Paths and shapes of a tree's leaves, in order: what must not change from step to step. */
export const structureOf = (tree: HostTree): readonly string[] =>
  leaves<HostArray>(tree).map(([path, { shape, dtype }]) => `${path} ${dtype} [${shape.join(", ")}]`);

/** Random numbers as a host array. */
export const drawnArray = (shape: readonly number[], options: Parameters<typeof drawn>[1] = {}): HostArray => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(drawn(shape, options).data),
});

/**
 * Pictures as bytes, `[count, side, side, 3]`: four patches of colour that depend on `seed`, under grain that depends on `view`. The
 * patches set the images apart, so that batch norms do not blow grain up and losses are smooth enough for finite differences.
 */
export const drawnPictures = (count: number, side: number, { seed, view }: { readonly seed: number; readonly view: number }): HostArray => {
  const colours = drawn([count, 2, 2, 3], { seed, low: 0, high: 200 });
  const grain = drawn([count, side, side, 3], { seed: 1000 * seed + view, low: 0, high: 55 });
  const half = (place: number): number => Math.floor((2 * place) / side);
  const pixels = fromIndex(grain.shape, (image = 0, row = 0, column = 0, channel = 0) =>
    Math.floor(at(colours, image, half(row), half(column), channel) + at(grain, image, row, column, channel)),
  );
  return { shape: pixels.shape, dtype: "uint8", data: Uint8Array.from(pixels.data) };
};

/** One number as a host array. */
export const scalarArray = (value: number): HostArray => ({ shape: [], dtype: "float32", data: Float32Array.of(value) });

/** The leaf of a tree at a path. @throws Error if there is none. */
export const leafAt = (tree: HostTree, path: string): HostArray => {
  const found = leaves<HostArray>(tree).find(([name]) => name === path);
  if (found === undefined) throw new Error(`no leaf at ${path}`);
  return found[1];
};

/** Numbers a little off their starting values, where symmetries and zeros hide mistakes. */
export const shaken = (tree: HostTree, where: (path: string) => boolean = () => true, by = 0.1): HostTree => {
  let seed = 500;
  return mapTree<HostArray, HostArray>((leaf, path) => {
    if (!where(path)) return leaf;
    const noise = drawn(leaf.shape, { seed: seed++, low: -by, high: by }).data;
    return { ...leaf, data: Float32Array.from(leaf.data, (value, i) => value + (noise[i] as number)) };
  }, tree);
};

/**
 * Holds one training state to another, each leaf to `ofLargest` of the largest number among it and the leaves beside it.
 * What lies beside it counts because terms cancel: a batch norm takes a shift before it out again, so that the gradient of the shift
 * is zero but for the rounding of terms as large as those of the scale beside it.
 */
export const expectState = (
  found: HostTree,
  expected: HostTree,
  { ofLargest, absolute }: { readonly ofLargest: number; readonly absolute: number },
): void => {
  const [actual, wanted] = [found, expected].map((tree) => new Map(leaves<HostArray>(tree))) as [
    Map<string, HostArray>,
    Map<string, HostArray>,
  ];
  expect([...actual.keys()]).toEqual([...wanted.keys()]);
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
  const largest = new Map<string, number>();
  for (const [path, { data }] of wanted)
    largest.set(parentOf(path), Math.max(largest.get(parentOf(path)) ?? 0, ...Array.from(data, Math.abs)));
  for (const [path, leaf] of wanted)
    expectClose(actual.get(path) as HostArray, leaf, {
      name: path,
      absolute: ofLargest * (largest.get(parentOf(path)) as number) + absolute,
    });
};
