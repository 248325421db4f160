import type { HostTree } from "@twinview/core";

/** An encoder's parameters and running statistics, null where it has none. */
export interface StartWeights {
  readonly params: HostTree;
  readonly state: HostTree;
}

type Branch = { readonly [name: string]: HostTree };

/**
 * The state of a new run whose encoder starts from given weights: in both networks where there are two. Heads, optimizer and what a
 * method carries start as they always do.
 */
export const startFrom = (state: HostTree, { params, state: running }: StartWeights): HostTree => {
  const { online, target, statistics, ...rest } = state as Readonly<Record<string, Branch | null>>;
  const withEncoder = (branch: Branch | null | undefined): Branch | null => (branch ? { ...branch, encoder: params } : null);
  const moved = Object.entries(statistics ?? {}).map(([name, own]) => [name, own === null ? null : running] as const);
  return { online: withEncoder(online), target: withEncoder(target), statistics: Object.fromEntries(moved), ...rest } as HostTree;
};
