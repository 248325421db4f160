import { multiCrop } from "@twinview/augment";
import { checkOption, concat, l2Normalize, mul, ones, type Scalar, slice, softmax, stopGradient, type Tensor } from "@twinview/core";
import { mlp, prototypes, unitPrototypes } from "@twinview/heads";
import { sinkhorn, swappedPrediction } from "@twinview/loss";
import { prototypeUse } from "@twinview/stability";
import { defineMethod, type Encoding, online } from "./method.ts";
import { emptyQueue, type Queue, stepQueue } from "./queue.ts";
import { cutViews } from "./view-batch.ts";

export interface SwavOptions {
  /** Width of the projector's hidden layer. */
  readonly hidden?: number;
  /** Width of the embedding. */
  readonly out?: number;
  /** Whether the projector's hidden layer has a batch norm. */
  readonly norm?: boolean;
  /** Number of prototypes, at least 2; 3000 on ImageNet. */
  readonly prototypes?: number;
  /** Temperature of the predictions. */
  readonly tau?: number;
  /** Smoothness of the codes. */
  readonly epsilon?: number;
  /** Sinkhorn iterations; 0 switches the balancing off, and SwAV collapses. */
  readonly iterations?: number;
  /** Embeddings of past batches that help to balance the codes, for each large crop: a multiple of the batch, or 0 for none. */
  readonly queue?: number;
  /** Large crops, which give the codes. `scale` is the range of a crop's share of the area: [.08, 1] without small crops. */
  readonly large?: { readonly count: number; readonly scale: readonly [number, number] };
  /** Small crops, which only predict; their side in pixels is 96 / 224 of the large ones' unless told. */
  readonly small?: { readonly count: number; readonly scale: readonly [number, number]; readonly size?: number };
  /** Strength of the colour jitter. */
  readonly strength?: number;
  /** Factor on the probability of blur: 1 as published, 0 for small images. */
  readonly blur?: number;
}

const publishedLarge = { count: 2, scale: [0.14, 1] } as const;
const publishedSmall = { count: 6, scale: [0.05, 0.14] } as const;

/** Codes of one crop, balanced over its batch and, where it is full, the queue of past batches. `[B, K]`, no gradient. */
const codesOf = (
  scores: Tensor,
  past: { readonly scores: Tensor; readonly full: Scalar } | null,
  options: { epsilon: number; iterations: number },
) => {
  if (past === null) return sinkhorn(scores, options);
  const [batch, length] = [scores.shape[0] as number, past.scores.shape[0] as number];
  const present = concat([mul(ones([length]), past.full), ones([batch])], 0);
  return slice(sinkhorn(concat([past.scores, scores], 0), { ...options, present }), { axis: 0, start: length, length: batch });
};

/**
 * SwAV: every crop predicts the balanced prototype codes of the large crops of the same image. All crops pass the heads together;
 * prototypes have unit length around every step and keep still while the scalar `trainPrototypes` is 0. `useQueue` switches the
 * queue on; it is not read without one.
 * @see Caron et al., arXiv 2006.09882, algorithm 1; heads, freezing and queue from the official code's main_swav.py.
 */
export const swav = (options: SwavOptions = {}) => {
  const { hidden = 2048, out = 128, norm = true, tau = 0.1, epsilon = 0.05, iterations = 3, queue = 0, strength = 1, blur = 1 } = options;
  const { prototypes: count = 3000, large = publishedLarge, small = publishedSmall } = options;
  const crops = large.count + small.count;
  checkOption("swav", "crops", crops, large.count >= 1 && crops >= 2, "at least one large crop and two crops in all");
  checkOption("swav", "queue", queue, Number.isInteger(queue) && queue >= 0, "a whole number of rows, at least 0");
  const encodings: Readonly<Record<string, Encoding<"online">>> = Object.fromEntries(
    Array.from({ length: crops }, (_, i) => [`crop${i + 1}`, online(i)]),
  );
  return defineMethod({
    name: "swav",
    views: (size) => multiCrop({ large: { ...large, size }, small: { size: Math.round((size * 96) / 224), ...small }, strength, blur }),
    encodings,
    joinsViews: true,
    heads: (dim) => ({
      projector: mlp([dim, hidden, out], { norm, last: "none", hiddenBias: true, lastBias: true }),
      prototypes: prototypes({ dim: out, count }),
    }),
    hyper: ["trainPrototypes", "useQueue"],
    gates: { prototypes: "trainPrototypes" },
    carry: (): Queue | null => (queue === 0 ? null : emptyQueue({ crops: large.count, length: queue, width: out })),
    loss: ({ features, heads, carried, ctx }) => {
      const embedded = l2Normalize(heads.projector(concat(Object.values(features), 0))); // [V B, out]
      const z = cutViews(embedded, crops);
      const scores = cutViews(heads.prototypes(embedded), crops); // [B, K] each
      const past = carried === null ? null : stepQueue(carried, z.slice(0, large.count), ctx.hyper.useQueue);
      const codes = scores
        .slice(0, large.count)
        .map((own, i) =>
          codesOf(own, past && { scores: heads.prototypes(past.rows[i] as Tensor), full: past.full }, { epsilon, iterations }),
        );
      return {
        loss: swappedPrediction({ scores, codes, tau }),
        carried: past === null ? null : past.queue,
        embeddings: [z[0] as Tensor, z[1] as Tensor],
        metrics: { ...prototypeUse(softmax(mul(stopGradient(scores[0] as Tensor), 1 / tau))) },
      };
    },
    project: (heads) => ({ ...heads, prototypes: unitPrototypes(heads.prototypes) }),
  });
};
