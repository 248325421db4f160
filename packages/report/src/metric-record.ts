/** Accuracies in 0..1 by k of the nearest-neighbour vote; null without labels. */
export type Accuracies = Readonly<Record<string, number>> | null;

/** What one training step left behind. */
export interface StepRecord {
  readonly kind: "step";
  readonly step: number;
  /** Epochs done after this step, with fraction. */
  readonly epoch: number;
  readonly loss: number;
  /** Rate, weight decay, momentum ... of this step. */
  readonly hyper: Readonly<Record<string, number>>;
  /** Norm of the whole gradient. */
  readonly gradientNorm: number;
  /** Norm of each parameter's gradient, by path, first layer first. */
  readonly gradientNorms: Readonly<Record<string, number>>;
  readonly embeddingStd: number;
  /** What else the step measured of itself, by name: effective rank, use of prototypes ... */
  readonly monitors?: Readonly<Record<string, number>>;
  /** How far the step moved each weight matrix, as a share of its norm, by path. */
  readonly updateRatios?: Readonly<Record<string, number>>;
  /** Standard deviation of each layer's output, by name, first layer first. */
  readonly activations?: Readonly<Record<string, number>>;
  readonly imagesPerSecond: number;
  /** Share of the time spent waiting for data, in 0..1. */
  readonly waitShare: number;
}

/** Accuracy of an encoder during training. */
export interface KnnRecord {
  readonly kind: "knn";
  readonly step: number;
  readonly epoch: number;
  readonly encoder: "online" | "target";
  readonly top1: Readonly<Record<string, number>>;
}

/** How an encoder's features of clean images are spread, told without labels. */
export interface QualityRecord {
  readonly kind: "quality";
  readonly step: number;
  readonly epoch: number;
  readonly encoder: "online" | "target";
  /** Mean deviation of unit-length features, times `sqrt(D)`. */
  readonly embeddingStd: number;
  /** Effective number of dimensions, 1 to D. */
  readonly rankMe: number;
  /** Mean squared distance of two views of an image, 0 to 4. */
  readonly alignment: number;
  /** Log of the mean Gaussian potential of pairs of images. */
  readonly uniformity: number;
}

/** Accuracy of raw pixels and of the untrained encoder on the images that the {@link KnnRecord}s are measured on. */
export interface BaselineRecord {
  readonly kind: "baseline";
  readonly raw: Accuracies;
  readonly random: Accuracies;
}

/** A layer whose gradient stood far above its recent past. */
export interface SpikeRecord {
  readonly kind: "spike";
  readonly step: number;
  /** Path of the parameter. */
  readonly layer: string;
  /** Norm over the median of the steps before it. */
  readonly ratio: number;
  /** Log of that ratio in robust standard deviations of the steps before it. */
  readonly z?: number;
}

/** The kNN curve fell clearly below its best: after `step` steps, when after `since` steps it was still good. Accuracies in 0..1. */
export interface DipRecord {
  readonly kind: "dip";
  readonly step: number;
  readonly since: number;
  readonly from: number;
  readonly to: number;
  /** The strongest gradient spike in between, if there was one. */
  readonly spike: { readonly step: number; readonly layer: string; readonly ratio: number } | null;
}

/** A metric of the embeddings had stayed below its floor since a step: images look alike to the encoder. */
export interface CollapseRecord {
  readonly kind: "collapse";
  readonly step: number;
  readonly since: number;
  /** `embeddingStd` or one of the step's monitors. */
  readonly metric: string;
  readonly value: number;
  readonly floor: number;
}

/** A collapse that was told at step `since` is over. */
export interface RecoveryRecord {
  readonly kind: "recovery";
  readonly step: number;
  readonly since: number;
  readonly metric: string;
  readonly value: number;
}

/** A step that was not taken because some of its numbers were not finite. */
export interface NonFiniteRecord {
  readonly kind: "non-finite";
  /** That step; after a roll-back the step that the run went back to. */
  readonly step: number;
  /** Names of those numbers, first layer first. */
  readonly tensors: readonly string[];
  /** What was done; training stopped when absent. */
  readonly action?: "stop" | "skip" | "roll-back";
  /** The step that was not finite, where the run went back. */
  readonly from?: number;
}

/** A line of metrics.jsonl. Steps count from 0. */
export type MetricRecord =
  | StepRecord
  | KnnRecord
  | QualityRecord
  | BaselineRecord
  | SpikeRecord
  | DipRecord
  | CollapseRecord
  | RecoveryRecord
  | NonFiniteRecord;
