import { asymmetricPair } from "@twinview/augment";
import { add, type Tensor } from "@twinview/core";
import { identity, mlp } from "@twinview/heads";
import { cosineRegression } from "@twinview/loss";
import { defineMethod, online, target } from "./method.ts";

export interface ByolOptions {
  /** Width of the heads' hidden layers. */
  readonly hidden?: number;
  /** Width of the embedding. */
  readonly out?: number;
  /** Whether the online network predicts through a head of its own; without one BYOL collapses (the paper's table 5b). */
  readonly predictor?: boolean;
  /** Whether the heads' hidden layers have batch norms. */
  readonly norm?: boolean;
  /** What the target network starts as: initial values of its own, as in the official code, or a copy, as in most others. */
  readonly targetStart?: "copy" | "own";
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
  /** Factor on the probabilities of blur: 1 as published, 0 for small images. */
  readonly blur?: number;
}

/**
 * BYOL: the online network's prediction from each view is regressed on the target network's embedding of the other view, and the
 * target network moves after the online update. Heads are linear (offset), batch norm, ReLU, linear (no offset).
 * @see Grill et al., arXiv 2006.07733, equation 2 and appendix F; head details from the official code's networks.py.
 */
export const byol = (options: ByolOptions = {}) => {
  const { hidden = 4096, out = 256, predictor = true, norm = true, targetStart = "own", smallestCrop = 0.08, blur = 1 } = options;
  const layers = { norm, hiddenBias: true, last: "none" } as const;
  return defineMethod({
    name: "byol",
    views: (size) => asymmetricPair({ size, scale: [smallestCrop, 1], blur }),
    encodings: { p1: online(0), p2: online(1), z1: target(0), z2: target(1) },
    heads: (dim) => ({
      projector: mlp([dim, hidden, out], layers),
      predictor: predictor ? mlp([out, hidden, out], layers) : identity,
    }),
    targetHeads: ["projector"],
    targetMoves: "after-update",
    targetStart,
    loss: ({ features, heads, target: keys }) => {
      const [own1, own2] = [heads.projector(features.p1), heads.projector(features.p2)];
      const [key1, key2] = [keys.projector(features.z1), keys.projector(features.z2)]; // [B, out], no gradient
      const regress = (own: Tensor, key: Tensor): Tensor => cosineRegression(heads.predictor(own), key);
      return { loss: add(regress(own1, key2), regress(own2, key1)), embeddings: [own1, own2] };
    },
  });
};
