import { distortedViews } from "@twinview/augment";
import { checkOption, concat, l2Normalize, type Tensor } from "@twinview/core";
import { mlp } from "@twinview/heads";
import { ntXent } from "@twinview/loss";
import { defineMethod, type Encoding, online } from "./method.ts";
import { cutViews } from "./view-batch.ts";

export interface SimclrOptions {
  /** Width of the projector's hidden layers; the features' own when absent. */
  readonly hidden?: number;
  /** Width of the embedding. */
  readonly out?: number;
  /** Linear layers of the projector: 2 in the first paper, 3 in the official code's default. */
  readonly layers?: number;
  /** Whether the projector has batch norms. */
  readonly norm?: boolean;
  /** Temperature: .1 on ImageNet, .5 on CIFAR. */
  readonly tau?: number;
  /** Views of each image. */
  readonly views?: number;
  /** Strength of the colour jitter: 1 on ImageNet, .5 on CIFAR. */
  readonly strength?: number;
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
  /** Factor on the probability of blur: 1 as published for ImageNet, 0 on CIFAR. */
  readonly blur?: number;
}

/**
 * SimCLR: every view of an image against all other views of all images, by NT-Xent. No target network. All views pass the
 * projector together and share its batch statistics; its last norm has a scale and no shift.
 * @see Chen et al., arXiv 2002.05709, algorithm 1; projector from the official code's model_util.py, projection_head.
 */
export const simclr = (options: SimclrOptions = {}) => {
  const { out = 128, layers = 3, norm = true, tau = 0.1, views = 2, strength = 1, smallestCrop = 0.08, blur = 1 } = options;
  checkOption("simclr", "views", views, Number.isInteger(views) && views >= 2, "a whole number, at least 2");
  checkOption("simclr", "layers", layers, Number.isInteger(layers) && layers >= 1, "a whole number, at least 1");
  const encodings: Readonly<Record<string, Encoding<"online">>> = Object.fromEntries(
    Array.from({ length: views }, (_, i) => [`z${i + 1}`, online(i)]),
  );
  return defineMethod({
    name: "simclr",
    views: (size) => distortedViews({ size, count: views, strength, scale: [smallestCrop, 1], blur }),
    encodings,
    joinsViews: true,
    heads: (dim) => ({
      projector: mlp([dim, ...Array.from({ length: layers - 1 }, () => options.hidden ?? dim), out], {
        norm,
        last: norm ? "norm-scale" : "none",
        hiddenBias: !norm,
      }),
    }),
    loss: ({ features, heads }) => {
      const z = heads.projector(concat(Object.values(features), 0)); // [V B, out]
      const [z1, z2] = cutViews(z, views) as readonly [Tensor, Tensor];
      return { loss: ntXent(cutViews(l2Normalize(z), views), tau), embeddings: [z1, z2] };
    },
  });
};
