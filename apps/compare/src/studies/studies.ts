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
import { transfer } from "./s14-transfer.ts";
import { amountOfData } from "./s15-data.ts";
import { schedule } from "./s16-schedule.ts";
import type { Study } from "./study.ts";

/** The studies of the paper. */
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
  transfer,
  amountOfData,
  schedule,
];
