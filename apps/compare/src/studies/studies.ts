import { batchSize } from "./s01-batch-size.ts";
import { learningRate } from "./s02-learning-rate.ts";
import { optimizer } from "./s03-optimizer.ts";
import { gradients } from "./s04-gradients.ts";
import { frozenPatch } from "./s05-frozen-patch.ts";
import { methodBackbone } from "./s06-method-backbone.ts";
import { position } from "./s07-position.ts";
import { classToken } from "./s08-class-token.ts";
import { headNorm } from "./s09-head-norm.ts";
import { predictor } from "./s10-predictor.ts";
import { momentum } from "./s11-momentum.ts";
import { patchSize } from "./s12-patch-size.ts";
import { trainingLength } from "./s13-length.ts";
import { schedule } from "./s16-schedule.ts";
import type { Study, WaitingStudy } from "./study.ts";

/** The studies of the paper that can be run. */
export const studies: readonly Study[] = [
  batchSize,
  learningRate,
  optimizer,
  gradients,
  frozenPatch,
  methodBackbone,
  position,
  classToken,
  headNorm,
  predictor,
  momentum,
  patchSize,
  trainingLength,
  schedule,
];

/** Those that wait for a part of the library, and for which. */
export const waitingStudies: readonly WaitingStudy[] = [
  {
    id: "S14",
    title: "Transfer",
    paper: {
      did: "Fine-tuning of MoCo v3 encoders on CIFAR-10, CIFAR-100, Flowers-102 and Pets, against supervised pre-training on ImageNet.",
      found: "Self-supervised pre-training beats supervised for the larger ViT, and over-fits less.",
      where: "section 6.4, table 6",
    },
    needs: "fine-tuning of an encoder, and a supervised baseline of the same encoder",
  },
  {
    id: "S15",
    title: "Amount of data",
    paper: {
      did: "Self-supervised pre-training on ImageNet against supervised pre-training on 300 million images and more.",
      found: "Supervised pre-training on that much data can win.",
      where: "sections 1 and 6.3",
    },
    needs: "a supervised baseline, and the share of the training images as a setting",
  },
];
