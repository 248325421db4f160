import { type HostArray, type HostTree, leaves, rebuild } from "@twinview/core";

/** Tensors by path, a map for each file of a checkpoint. */
export type Groups = Readonly<Record<string, ReadonlyMap<string, HostArray>>>;

/** A training state as the files of a checkpoint: one for each top branch (online, target, statistics, optimizer, carried). */
export const toGroups = (state: HostTree): Groups =>
  Object.fromEntries(
    Object.entries(state ?? {})
      .map(([name, branch]) => [name, new Map(leaves<HostArray>(branch as HostTree))] as const)
      .filter(([, map]) => map.size > 0),
  );

/** The training state from a checkpoint's files; `like` gives the structure. @throws ShapeError naming what is missing. */
export const fromGroups = (like: HostTree, groups: Groups): HostTree => {
  const values = Object.entries(groups).flatMap(([name, map]) => [...map].map(([path, array]) => [`${name}/${path}`, array] as const));
  return rebuild(like, new Map(values)) as HostTree;
};
