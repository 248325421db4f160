import { asymmetricPair } from "@twinview/augment";
import { add, l2Normalize, type Tensor } from "@twinview/core";
import { identity, mlp } from "@twinview/heads";
import { infoNce } from "@twinview/loss";
import { defineMethod, online, target } from "./method.ts";

export interface MocoV3Options {
  /** Width of the heads' hidden layers. */
  readonly hidden?: number;
  /** Width of the embedding. */
  readonly out?: number;
  /** Temperature. */
  readonly tau?: number;
  /** Linear layers of the projector: 3 for ViT, 2 for ResNet-50. */
  readonly projectorLayers?: 2 | 3;
  /** Whether queries pass a predictor; without one they lose about a point in the paper (its table 6). */
  readonly predictor?: boolean;
  /** Whether the predictor ends in a batch norm: for ViT it does, for ResNet-50 it does not. */
  readonly predictorNorm?: boolean;
  /** Whether the heads have batch norms; without any, linear layers have offsets instead (the paper's table 5). */
  readonly norm?: boolean;
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
  /** Factor on the probabilities of blur: 1 as published, 0 for small images. */
  readonly blur?: number;
}

/**
 * MoCo v3: each view's query, through projector and predictor, against the other view's key from the target network, which moves
 * before the keys are computed. The defaults are those for ViT. With momentum 0 the keys are those of the online network itself.
 * @see arXiv 2104.02057, algorithm 1; head sizes and crop scale from moco-v3's builder.py and CONFIG.md.
 */
export const mocoV3 = (options: MocoV3Options = {}) => {
  const {
    hidden = 4096,
    out = 256,
    tau = 0.2,
    projectorLayers = 3,
    predictor = true,
    norm = true,
    smallestCrop = 0.08,
    blur = 1,
  } = options;
  const last = norm ? "norm-plain" : "none";
  const layers = { norm, hiddenBias: !norm, lastBias: !norm };
  return defineMethod({
    name: "moco-v3",
    views: (size) => asymmetricPair({ size, scale: [smallestCrop, 1], blur }),
    encodings: { q1: online(0), q2: online(1), k1: target(0), k2: target(1) },
    heads: (dim) => ({
      projector: mlp([dim, ...Array.from({ length: projectorLayers - 1 }, () => hidden), out], { ...layers, last }),
      predictor: predictor ? mlp([out, hidden, out], { ...layers, last: options.predictorNorm === false ? "none" : last }) : identity,
    }),
    targetHeads: ["projector"],
    loss: ({ features, heads, target: keys }) => {
      const [z1, z2] = [heads.projector(features.q1), heads.projector(features.q2)];
      const query = (z: Tensor): Tensor => l2Normalize(heads.predictor(z)); // [B, out]
      const key = (x: Tensor): Tensor => l2Normalize(keys.projector(x)); // [B, out], no gradient
      const loss = add(infoNce(query(z1), key(features.k2), tau), infoNce(query(z2), key(features.k1), tau));
      return { loss, embeddings: [z1, z2] };
    },
  });
};
