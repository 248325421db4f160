import { mapTree, mul, type Tensor } from "@twinview/core";
import type { Transform } from "./transform.ts";

/** Multiplies the update of each parameter by a number that depends on its path. */
export const scaleByPath = (factorOf: (path: string) => number): Transform<null> => ({
  init: () => null,
  update: ({ updates }) => ({ updates: mapTree<Tensor, Tensor>((u, path) => mul(u, factorOf(path)), updates), state: null }),
  hyper: [],
});

const first: ReadonlySet<string> = new Set(["patch", "token", "position", "conv1", "bn1"]);

/** Which layer a parameter of an encoder belongs to: 0 what makes tokens, or the stem, then one for each block or stage. */
const layerIndex = (path: string): number | undefined => {
  const [part = "", block = ""] = path.split("/");
  if (first.has(part)) return 0;
  if (part === "blocks") return Number(block.replace("block", "")) + 1;
  return /^layer\d+$/.test(part) ? Number(part.slice("layer".length)) : undefined;
};

/**
 * The factor on the learning rate of each parameter under layer-wise decay: `decay^(L - l)` for layer l of an encoder of `layers` blocks
 * or stages, L = layers + 1; the last norm and the heads, layer L, have factor 1.
 * @see Clark et al., ELECTRA, arXiv 2003.10555; as in mae util/lr_decay.py, param_groups_lrd.
 */
export const layerDecay =
  ({ decay, layers }: { readonly decay: number; readonly layers: number }) =>
  (path: string): number =>
    decay ** (layers + 1 - (path.startsWith("encoder/") ? (layerIndex(path.slice("encoder/".length)) ?? layers + 1) : layers + 1));
