import type { HostArray } from "@twinview/core";

/** The tensors whose names start so, under what follows. */
export const below = (tensors: ReadonlyMap<string, HostArray>, prefix: string): ReadonlyMap<string, HostArray> =>
  new Map([...tensors].flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array] as const] : [])));
