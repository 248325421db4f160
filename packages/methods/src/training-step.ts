import {
  constant,
  type Encoder,
  fold,
  mapTree,
  mul,
  overlay,
  pick,
  type Rng,
  type Scalar,
  scope,
  split,
  stopGradient,
  type Tensor,
  type Tree,
  type Vars,
  valueAndGradient,
} from "@twinview/core";
import { applyUpdates, type Transform } from "@twinview/optim";
import { activationDeviations, collapseMetrics, gradientNorms, updateRatios } from "@twinview/stability";
import { bindHeads } from "./bind-heads.ts";
import { type Encoded, encodeViews, imagenetPixels, normalizePixels, type PixelStats } from "./encode.ts";
import { follow } from "./follow.ts";
import type { Encodings, HeadParams, Heads, Method, NeedsTarget } from "./method.ts";

type TensorTree = Tree<Tensor>;

/** Everything a run carries from step to step. `target` is null for methods without a moving average. */
export interface TrainingState {
  readonly online: { readonly encoder: TensorTree; readonly heads: TensorTree };
  readonly target: { readonly encoder: TensorTree; readonly heads: TensorTree } | null;
  /** The encoders' own state, running statistics of batch norms: null for encoders that have none. No gradient, no average. */
  readonly statistics: { readonly online: TensorTree; readonly target: TensorTree };
  readonly optimizer: TensorTree;
  readonly carried: TensorTree;
}

/** One step as a pure function, for an engine to trace or run. */
export interface TrainingStep<H extends string> {
  readonly init: (rng: Rng) => TrainingState;
  /** `views`: one `[B, S, S, 3]` tensor of pixels 0..255 for each view. Metrics are scalars: the loss and the monitors' numbers. */
  readonly step: (args: {
    readonly state: TrainingState;
    readonly views: readonly Tensor[];
    readonly hyper: { readonly [K in H]: Scalar };
  }) => { readonly state: TrainingState; readonly metrics: Readonly<Record<string, Scalar>> };
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

interface Aux {
  readonly [name: string]: TensorTree;
  readonly carried: TensorTree;
  readonly metrics: Readonly<Record<string, Scalar>>;
  readonly embeddings: { readonly first: Tensor; readonly second: Tensor };
  readonly activations: Readonly<Record<string, Tensor>>;
  readonly statistics: TensorTree;
}

/** Two views' embeddings for the monitors; the same twice where a method has one online view. */
const twoViews = ([first, second]: readonly Tensor[]): Aux["embeddings"] => ({
  first: first as Tensor,
  second: second ?? stopGradient(first as Tensor), // a tensor of its own: handed out of the gradient, a tensor is freed once
});

/** Gradients of gated heads times their scalars. */
const throughGates = <H extends string>(
  gradients: TensorTree,
  gates: Readonly<Record<string, H | undefined>>,
  hyper: Readonly<Record<string, Scalar>>,
): TensorTree => {
  const gateOf = (path: string): H | undefined => Object.entries(gates).find(([head]) => path.startsWith(`heads/${head}/`))?.[1];
  return mapTree<Tensor, Tensor>((gradient, path) => {
    const gate = gateOf(path);
    return gate === undefined ? gradient : mul(gradient, hyper[gate] as Scalar);
  }, gradients);
};

const prefixed = (prefix: string, numbers: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(Object.entries(numbers).map(([name, number]) => [`${prefix}/${name}`, number]));

/**
 * Composes encoder, method and optimizer into one step, in the order of the official codes: the target network moves towards the
 * online one (where the method asks for it before the keys), keys are computed with it, then the loss, its gradient, the online
 * update, and the move of the target where the method asks for it then.
 *
 * Only parameters are averaged. Running statistics are each network's own: a training pass normalises by the batch's statistics in
 * both networks and moves the running ones of the network it passes through, batch after batch. So does the official code, where the
 * momentum encoder stays in training mode and its buffers are never copied (moco-v3 builder.py, _update_momentum_encoder).
 */
export const trainingStep = <P, S, Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string, O, HO extends string>(
  options: TrainingStepOptions<P, S, Hs, E, T, C, H, O, HO>,
): TrainingStep<H | HO | NeedsTarget<E>> => {
  const { encoder, method, optimizer, pixels = imagenetPixels, monitors = true } = options;
  const chunk = (encoder.mixesImages ? options.statisticsChunk : options.chunk) ?? Number.POSITIVE_INFINITY;
  const heads = method.heads(encoder.dim);
  const headNames = Object.keys(heads) as (keyof Hs & string)[];
  const targetNames = (method.targetHeads ?? []) as readonly (keyof Hs & string)[];
  const hasTarget = Object.values(method.encodings).some((encoding) => encoding.encoder === "target");
  const trainable = (path: string): boolean => !(path.startsWith("encoder/") && encoder.frozen(path.slice("encoder/".length)));
  const targetOf = (online: TrainingState["online"]): { encoder: TensorTree; heads: TensorTree } => ({
    encoder: online.encoder,
    heads: pick(online.heads, (path) => targetNames.some((name) => path === name || path.startsWith(`${name}/`))),
  });

  const projected = (online: TrainingState["online"]): TrainingState["online"] =>
    method.project ? { ...online, heads: method.project(online.heads as HeadParams<Hs>) as TensorTree } : online;

  const initNetwork = (rng: Rng): { readonly online: TrainingState["online"]; readonly statistics: TensorTree } => {
    const keys = split(rng, ["encoder", "heads"]);
    const headKeys = split(keys.heads, headNames) as Readonly<Record<string, Rng>>;
    const { params, state } = encoder.init(keys.encoder) as Vars<TensorTree, TensorTree>;
    const initHead = (name: string): TensorTree => (heads[name] as { init: (rng: Rng) => TensorTree }).init(headKeys[name] as Rng);
    const online = { encoder: params, heads: Object.fromEntries(headNames.map((name) => [name, initHead(name)])) };
    return { online: projected(online), statistics: state };
  };

  const init = (rng: Rng): TrainingState => {
    const { online, statistics } = initNetwork(rng);
    const other = method.targetStart === "own" ? initNetwork(fold(rng, "target")).online : online;
    return {
      online,
      target: hasTarget ? targetOf(other) : null,
      statistics: { online: statistics, target: hasTarget ? statistics : null },
      optimizer: optimizer.init(pick(online, trainable)) as TensorTree,
      carried: (method.carry?.(encoder.dim) ?? null) as TensorTree,
    };
  };

  const step: TrainingStep<H | HO | NeedsTarget<E>>["step"] = ({ state, views, hyper }) => {
    const ctx = { train: true, hyper: hyper as never };
    const images = views.map((view) => scope("pixels", () => normalizePixels(view, pixels, (values) => constant(values, [values.length]))));
    const encode = (which: "online" | "target", params: TensorTree): Encoded<S> =>
      encodeViews({
        which,
        encodings: method.encodings,
        encoder,
        vars: { params: params as P, state: state.statistics[which] as S },
        views: images,
        ctx,
        chunk,
        joinsViews: method.joinsViews ?? false,
      });

    const followed = (online: TrainingState["online"]): TrainingState["target"] =>
      follow(state.target, targetOf(online), (hyper as { momentum: Scalar }).momentum) as TrainingState["target"];
    const movesAfter = method.targetMoves === "after-update";
    // tensors of its own: where target and online are the very same ones, a gradient would find its way through the target
    const resting = (): TrainingState["target"] =>
      mapTree<Tensor, Tensor>((leaf) => stopGradient(leaf), state.target) as TrainingState["target"];
    const target = state.target === null ? null : movesAfter ? resting() : followed(state.online);
    const keys = target === null ? null : encode("target", target.encoder);
    const targetHeads = target === null ? {} : bindHeads(heads, target.heads, targetNames, "target");

    const trained = pick<Tensor>(state.online, trainable);
    const { value, aux, gradients } = valueAndGradient((params: TensorTree) => {
      const online = overlay<Tensor>(state.online, params) as unknown as TrainingState["online"];
      const queries = encode("online", online.encoder);
      const { loss, carried, metrics, embeddings } = method.loss({
        features: { ...queries.features, ...keys?.features } as never,
        heads: bindHeads(heads, online.heads, headNames, "online"),
        target: targetHeads as never,
        carried: state.carried as C,
        ctx,
      });
      const aux: Aux = {
        carried: (carried ?? state.carried) as TensorTree,
        metrics: metrics ?? {},
        embeddings: twoViews(embeddings ?? Object.values(queries.features)),
        activations: Object.fromEntries(Object.entries(queries.activations).map(([name, x]) => [name, stopGradient(x)])),
        statistics: queries.state as TensorTree,
      };
      return { value: loss, aux };
    }, trained);

    const gated = throughGates(gradients as TensorTree, method.gates ?? {}, hyper as Readonly<Record<string, Scalar>>);
    const { updates, state: optimizerState } = scope("optimizer", () =>
      optimizer.update({ updates: gated, state: state.optimizer as O, params: trained, hyper: hyper as never }),
    );
    const online = scope("optimizer", () =>
      projected(overlay<Tensor>(state.online, applyUpdates(trained, updates)) as unknown as TrainingState["online"]),
    );
    const monitored = (): Readonly<Record<string, Scalar>> => ({
      ...collapseMetrics(aux.embeddings.first, aux.embeddings.second),
      ...aux.metrics,
      ...prefixed("activation", activationDeviations(aux.activations)),
      ...prefixed("gradientNorm", gradientNorms(gated)),
      ...prefixed("updateRatio", updateRatios(trained, pick<Tensor>(online as unknown as TensorTree, trainable))),
    });
    return {
      state: {
        online,
        target: target !== null && movesAfter ? followed(online) : target,
        statistics: { online: aux.statistics, target: (keys?.state ?? null) as TensorTree },
        optimizer: optimizerState as TensorTree,
        carried: aux.carried,
      },
      metrics: { loss: value, ...(monitors ? scope("monitors", monitored) : {}) },
    };
  };

  const hyper = [...new Set([...optimizer.hyper, ...(method.hyper ?? []), ...(hasTarget ? ["momentum"] : [])])];
  return { init, step, hyper: hyper as (H | HO | NeedsTarget<E>)[], trainable };
};
