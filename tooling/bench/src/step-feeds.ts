import { type HostArray, type HostTree, leaves } from "@twinview/core";
import type { Compiled } from "@twinview/engine";
import type { StepConfig } from "./step-flops.ts";
import { batchesOfBytes, scheduled } from "./step-inputs.ts";

/** What one input of a step's graph is fed. */
export interface StepFeed {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "uint8" | "float32";
  readonly data: Uint8Array | Float32Array;
}

/** What the inputs of a step's graph are fed: the state a run starts from, in packs and by itself, random pixels, scheduled scalars. */
export const stepFeeds = ({ graph, packs }: Compiled, state: HostTree, config: StepConfig): readonly StepFeed[] => {
  const byPath = new Map(leaves<HostArray>(state));
  const views = batchesOfBytes(config)[0] as readonly HostArray[];
  const scalars: Readonly<Record<string, number>> = scheduled(0);
  const packed = (name: string): Float32Array => {
    const pack = packs.find((each) => each.name === name);
    const data = new Float32Array(pack?.size ?? 0);
    for (const { path, offset } of pack?.leaves ?? []) data.set(byPath.get(path)?.data as Float32Array, offset);
    return data;
  };
  return graph.inputs.map(({ name, value: { shape } }): StepFeed => {
    const [, kind, rest = ""] = /^(\w+):(.*)$/.exec(name) ?? [];
    const view = /^view(\d+)$/.exec(rest)?.[1];
    if (view !== undefined) return { name, shape, dtype: "uint8", data: views[Number(view)]?.data as Uint8Array };
    const kept = kind === "pack" ? packed(rest) : (byPath.get(rest)?.data as Float32Array | undefined);
    return { name, shape, dtype: "float32", data: kept ?? Float32Array.of(scalars[rest] as number) };
  });
};
