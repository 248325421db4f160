/** How many blocks each of the four stages has, and whether blocks are bottlenecks of three convolutions or plain ones of two. */
export interface ResNetSize {
  readonly name: string;
  readonly depths: readonly [number, number, number, number];
  readonly bottleneck: boolean;
}

/** The sizes by name, for commands and tables. @see He et al., arXiv 1512.03385, table 1. */
export const sizes = {
  "18": { name: "18", depths: [2, 2, 2, 2], bottleneck: false },
  "34": { name: "34", depths: [3, 4, 6, 3], bottleneck: false },
  "50": { name: "50", depths: [3, 4, 6, 3], bottleneck: true },
} as const satisfies Readonly<Record<string, ResNetSize>>;
