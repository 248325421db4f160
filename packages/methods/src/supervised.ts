import { cropAndFlip } from "@twinview/augment";
import type { Tensor } from "@twinview/core";
import { mlp } from "@twinview/heads";
import { softmaxCrossEntropy } from "@twinview/loss";
import { defineMethod, online } from "./method.ts";

export interface SupervisedOptions {
  readonly classes: number;
  /** Target distributions `[B, classes]` of the step's images; a tensor of the program that the step is part of. */
  readonly targets: Tensor | undefined;
  /** The smallest area of a crop, as a share of the image. */
  readonly smallestCrop?: number;
}

/**
 * Learning with labels, for fine-tuning and as the baseline of pre-training: one view, a linear classifier on the features, softmax
 * cross-entropy against soft targets. It is a method like the others, so that encoder, optimizer and loop are the very same.
 * @throws Error if a loss is asked for without targets.
 */
export const supervised = ({ classes, targets, smallestCrop = 0.08 }: SupervisedOptions) =>
  defineMethod({
    name: "supervised",
    views: (size) => [cropAndFlip({ size, smallestCrop })],
    encodings: { x: online(0) },
    heads: (dim) => ({ classifier: mlp([dim, classes], { last: "none", lastBias: true }) }),
    loss: ({ features, heads }) => {
      if (targets === undefined) throw new Error("supervised: there are no targets");
      return { loss: softmaxCrossEntropy(heads.classifier(features.x), targets) };
    },
  });
