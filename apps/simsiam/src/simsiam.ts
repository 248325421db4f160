import { asymmetricPair } from "@twinview/augment";
import { add, mul, stopGradient, type Tensor } from "@twinview/core";
import { mlp } from "@twinview/heads";
import { cosineRegression } from "@twinview/loss";
import { defineMethod, online } from "@twinview/methods";

export interface SimSiamOptions {
  /** Width of the projector's hidden layers and of the embedding. */
  readonly width?: number;
  /** Width of the predictor's hidden layer: a bottleneck. */
  readonly bottleneck?: number;
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
  /** Factor on the probabilities of blur. */
  readonly blur?: number;
}

/**
 * SimSiam: each view's prediction is regressed on the other view's embedding, which carries no gradient. No negatives, no moving
 * average.
 *
 *     loss = (|p1 - sg(z2)|^2 + |p2 - sg(z1)|^2) / 2    for unit-length p and z: the paper's negative cosine up to a constant
 *
 * @see Chen and He, arXiv 2011.10566, algorithm 1 and section 3.
 */
export const simsiam = ({ width = 2048, bottleneck = 512, smallestCrop = 0.2, blur = 1 }: SimSiamOptions = {}) =>
  defineMethod({
    name: "simsiam",
    views: (size) => asymmetricPair({ size, scale: [smallestCrop, 1], blur }),
    encodings: { z1: online(0), z2: online(1) },
    heads: (dim) => ({
      projector: mlp([dim, width, width, width], { last: "norm-plain" }),
      predictor: mlp([width, bottleneck, width], { last: "none", lastBias: true }),
    }),
    loss: ({ features, heads }) => {
      const [z1, z2] = [heads.projector(features.z1), heads.projector(features.z2)];
      const regress = (z: Tensor, other: Tensor): Tensor => cosineRegression(heads.predictor(z), stopGradient(other));
      return { loss: mul(add(regress(z1, z2), regress(z2, z1)), 0.5), embeddings: [z1, z2] };
    },
  });
