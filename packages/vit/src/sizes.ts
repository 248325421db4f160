/** Width, depth and heads of an encoder; the MLP is four times as wide. */
export interface VitSize {
  readonly name: string;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
}

/** For two cores and small images. */
export const mini: VitSize = { name: "mini", dim: 96, depth: 4, heads: 3 };
/** ViT-Ti of DeiT, arXiv 2012.12877. */
export const ti: VitSize = { name: "ti", dim: 192, depth: 12, heads: 3 };
/** ViT-S of MoCo v3: 12 heads, where DeiT's has 6. */
export const s: VitSize = { name: "s", dim: 384, depth: 12, heads: 12 };
/** ViT-B, arXiv 2010.11929. */
export const b: VitSize = { name: "b", dim: 768, depth: 12, heads: 12 };
/** ViT-L, arXiv 2010.11929. */
export const l: VitSize = { name: "l", dim: 1024, depth: 24, heads: 16 };

/** The sizes by name, for commands and tables. */
export const sizes = { mini, ti, s, b, l } as const;
