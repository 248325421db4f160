import { asymmetricPair } from "@twinview/augment";
import { add, l2Normalize, type Tensor } from "@twinview/core";
import { mlp } from "@twinview/heads";
import { infoNce } from "@twinview/loss";
import { defineMethod, online, target } from "./method.ts";

export interface MocoV3Options {
  /** Width of the heads' hidden layers. */
  readonly hidden?: number;
  /** Width of the embedding. */
  readonly out?: number;
  /** Temperature. */
  readonly tau?: number;
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
  /** Factor on the probabilities of blur: 1 as published, 0 for small images. */
  readonly blur?: number;
}

/**
 * MoCo v3 for ViT: each view's query, through projector and predictor, against the other view's key from the target network.
 * Three-layer projector and two-layer predictor, batch norm after every layer, the last ones without scale and shift.
 * @see arXiv 2104.02057, algorithm 1; head sizes and crop scale from moco-v3's builder.py and CONFIG.md.
 */
export const mocoV3 = ({ hidden = 4096, out = 256, tau = 0.2, smallestCrop = 0.08, blur = 1 }: MocoV3Options = {}) =>
  defineMethod({
    name: "moco-v3",
    views: (size) => asymmetricPair({ size, scale: [smallestCrop, 1], blur }),
    encodings: { q1: online(0), q2: online(1), k1: target(0), k2: target(1) },
    heads: (dim) => ({
      projector: mlp([dim, hidden, hidden, out], { last: "norm-plain" }),
      predictor: mlp([out, hidden, out], { last: "norm-plain" }),
    }),
    targetHeads: ["projector"],
    loss: ({ features, heads, target: keys }) => {
      const query = (x: Tensor): Tensor => l2Normalize(heads.predictor(heads.projector(x))); // [B, out]
      const key = (x: Tensor): Tensor => l2Normalize(keys.projector(x)); // [B, out], no gradient
      const [q1, q2] = [query(features.q1), query(features.q2)];
      return { loss: add(infoNce(q1, key(features.k2), tau), infoNce(q2, key(features.k1), tau)) };
    },
  });
