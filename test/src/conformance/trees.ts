import { type HostArray, type HostTree, leaves } from "@twinview/core";
import { drawn } from "@twinview/testkit";

/** Paths and shapes of a tree's leaves, in order: what must not change from step to step. */
export const structureOf = (tree: HostTree): readonly string[] =>
  leaves<HostArray>(tree).map(([path, { shape, dtype }]) => `${path} ${dtype} [${shape.join(", ")}]`);

/** Random numbers as a host array. */
export const drawnArray = (shape: readonly number[], options: Parameters<typeof drawn>[1] = {}): HostArray => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(drawn(shape, options).data),
});

/** Random pixels as bytes. */
export const drawnPixels = (shape: readonly number[], seed: number): HostArray => ({
  shape,
  dtype: "uint8",
  data: Uint8Array.from(drawn(shape, { seed, low: 0, high: 256 }).data, Math.floor),
});

/** One number as a host array. */
export const scalarArray = (value: number): HostArray => ({ shape: [], dtype: "float32", data: Float32Array.of(value) });

/** The leaf of a tree at a path. @throws Error if there is none. */
export const leafAt = (tree: HostTree, path: string): HostArray => {
  const found = leaves<HostArray>(tree).find(([name]) => name === path);
  if (found === undefined) throw new Error(`no leaf at ${path}`);
  return found[1];
};
