import { type Encoder, fold, type Rng, type Scalar, split, type Tensor, type Vars } from "@twinview/core";
import type { Transform } from "@twinview/optim";
import { type ChunkedStep, chunkedStep } from "./chunked-step.ts";
import { imagenetPixels, type PixelStats } from "./encode.ts";
import type { Encodings, Heads, Method, NeedsTarget } from "./method.ts";
import { type StepSettings, stepParts } from "./step-parts.ts";
import type { Network, TensorTree, TrainingState } from "./training-state.ts";
import { wholeStep } from "./whole-step.ts";

/** One step as a pure function, for an engine to trace or run. */
export interface TrainingStep<H extends string> {
  readonly init: (rng: Rng) => TrainingState;
  /** `views`: one `[B, S, S, 3]` tensor of pixels 0..255 for each view. Metrics are scalars: the loss and the monitors' numbers. */
  readonly step: (args: {
    readonly state: TrainingState;
    readonly views: readonly Tensor[];
    readonly hyper: { readonly [K in H]: Scalar };
  }) => { readonly state: TrainingState; readonly metrics: Readonly<Record<string, Scalar>> };
  /** The same step in phases over micro-batches, for batches that do not fit in memory at once. */
  readonly chunked: ChunkedStep;
  /** The scalars that need a schedule. */
  readonly hyper: readonly H[];
  /** Paths, below `online`, of the parameters that are trained. */
  readonly trainable: (path: string) => boolean;
}

export interface TrainingStepOptions<
  P,
  S,
  Hs extends Heads,
  E extends Encodings,
  T extends keyof Hs,
  C,
  H extends string,
  O,
  HO extends string,
> {
  readonly encoder: Encoder<P, S>;
  readonly method: Method<Hs, E, T, C, H>;
  readonly optimizer: Transform<O, HO>;
  readonly pixels?: PixelStats;
  /** How many images pass through the encoder together; for an encoder that mixes images, `statisticsChunk` alone decides. */
  readonly chunk?: number;
  /** How many images share their batch statistics, for encoders that mix images; the whole view, or joined views, when absent. */
  readonly statisticsChunk?: number;
  /**
   * Whether the step computes monitors beside its loss: collapse metrics, what the method adds, and by path `gradientNorm/..`,
   * `updateRatio/..`, `activation/..`; on when absent. Off, the loss alone guards against numbers that are not finite.
   */
  readonly monitors?: boolean;
}

/**
 * Composes encoder, method and optimizer into one step, at once (`step`) or in phases (`chunked`), in the order of the official codes
 * (`stepParts`).
 *
 * Only parameters are averaged. Running statistics are each network's own: a training pass normalises by the batch's statistics in
 * both networks and moves the running ones of the network it passes through, batch after batch. So does the official code, where the
 * momentum encoder stays in training mode and its buffers are never copied (moco-v3 builder.py, _update_momentum_encoder).
 */
export const trainingStep = <P, S, Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string, O, HO extends string>(
  options: TrainingStepOptions<P, S, Hs, E, T, C, H, O, HO>,
): TrainingStep<H | HO | NeedsTarget<E>> => {
  const { pixels = imagenetPixels, monitors = true } = options;
  const { encoder, method, optimizer } = options as unknown as StepSettings;
  const chunk = (encoder.mixesImages ? options.statisticsChunk : options.chunk) ?? Number.POSITIVE_INFINITY;
  const parts = stepParts({ encoder, method, optimizer, pixels, chunk, monitors });
  const { heads, headNames, hasTarget, trainable } = parts;

  const initNetwork = (rng: Rng): { readonly online: Network; readonly statistics: TensorTree } => {
    const keys = split(rng, ["encoder", "heads"]);
    const headKeys = split(keys.heads, headNames) as Readonly<Record<string, Rng>>;
    const { params, state } = encoder.init(keys.encoder) as Vars<TensorTree, TensorTree>;
    const initHead = (name: string): TensorTree => (heads[name] as { init: (rng: Rng) => TensorTree }).init(headKeys[name] as Rng);
    const online = { encoder: params, heads: Object.fromEntries(headNames.map((name) => [name, initHead(name)])) };
    return { online: parts.projected(online), statistics: state };
  };

  const init = (rng: Rng): TrainingState => {
    const { online, statistics } = initNetwork(rng);
    const other = method.targetStart === "own" ? initNetwork(fold(rng, "target")).online : online;
    return {
      online,
      target: hasTarget ? parts.targetOf(other) : null,
      statistics: { online: statistics, target: hasTarget ? statistics : null },
      optimizer: optimizer.init(parts.trainedOf(online)) as TensorTree,
      carried: (method.carry?.(encoder.dim) ?? null) as TensorTree,
    };
  };

  const hyper = [...new Set([...optimizer.hyper, ...(method.hyper ?? []), ...(hasTarget ? ["momentum"] : [])])];
  return { init, step: wholeStep(parts), chunked: chunkedStep(parts), hyper: hyper as (H | HO | NeedsTarget<E>)[], trainable };
};
