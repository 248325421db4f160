import {
  add,
  constant,
  type Encoder,
  mapTree,
  mul,
  overlay,
  pick,
  type Rng,
  type Scalar,
  scope,
  split,
  stopGradient,
  sub,
  type Tensor,
  type Tree,
  type Vars,
  valueAndGradient,
} from "@twinview/core";
import { applyUpdates, type Transform } from "@twinview/optim";
import { embeddingStd, gradientNorms } from "@twinview/stability";
import { type Encoded, encodeViews, imagenetPixels, normalizePixels, type PixelStats } from "./encode.ts";
import type { Bound, Encodings, HeadParams, Heads, Method, NeedsTarget } from "./method.ts";

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
  /** `views`: one `[B, S, S, 3]` tensor of pixels 0..255 for each view. Metrics are scalars: loss, embeddingStd, gradientNorm/<path>. */
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
}

interface Aux {
  readonly [name: string]: TensorTree;
  readonly carried: TensorTree;
  readonly metrics: Readonly<Record<string, Scalar>>;
  readonly query: Tensor | null;
  readonly statistics: TensorTree;
}

type Applied = { readonly apply: (params: unknown, x: Tensor) => Tensor };

const bind = <Hs extends Heads>(heads: Hs, params: TensorTree, names: readonly (keyof Hs & string)[], where: string): Bound<Hs> => {
  const tree = params as { readonly [name: string]: TensorTree };
  const bound = names.map((name) => [name, (x: Tensor) => scope(`${where}/${name}`, () => (heads[name] as Applied).apply(tree[name], x))]);
  return Object.fromEntries(bound) as Bound<Hs>;
};

/** `target + (1 - momentum) (online - target)` for each leaf of the target. @see moco-v3 builder.py, _update_momentum_encoder. */
const follow = (target: TensorTree, online: TensorTree, momentum: Scalar): TensorTree => {
  const rate = sub(1, momentum);
  return scope("average", () => mapTree<Tensor, Tensor>((t, _, o) => add(mul(t, momentum), mul(o as Tensor, rate)), target, online));
};

/**
 * Composes encoder, method and optimizer into one step, in the order of the official code: the target network moves towards
 * the online one, keys are computed with it, then the loss, its gradient, and the online update.
 *
 * Only parameters are averaged. Running statistics are each network's own: a training pass normalises by the batch's statistics in
 * both networks and moves the running ones of the network it passes through, batch after batch. So does the official code, where the
 * momentum encoder stays in training mode and its buffers are never copied (moco-v3 builder.py, _update_momentum_encoder).
 */
export const trainingStep = <P, S, Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string, O, HO extends string>(
  options: TrainingStepOptions<P, S, Hs, E, T, C, H, O, HO>,
): TrainingStep<H | HO | NeedsTarget<E>> => {
  const { encoder, method, optimizer, pixels = imagenetPixels } = options;
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

  const init = (rng: Rng): TrainingState => {
    const keys = split(rng, ["encoder", "heads"]);
    const headKeys = split(keys.heads, headNames) as Readonly<Record<string, Rng>>;
    const { params, state } = encoder.init(keys.encoder) as Vars<TensorTree, TensorTree>;
    const online = {
      encoder: params,
      heads: Object.fromEntries(
        headNames.map((name) => [name, (heads[name] as { init: (rng: Rng) => TensorTree }).init(headKeys[name] as Rng)]),
      ),
    };
    return {
      online,
      target: hasTarget ? targetOf(online) : null,
      statistics: { online: state, target: hasTarget ? state : null },
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

    const target = state.target === null ? null : follow(state.target, targetOf(state.online), (hyper as { momentum: Scalar }).momentum);
    const keys = target === null ? null : encode("target", (target as { encoder: TensorTree }).encoder);
    const targetHeads = target === null ? {} : bind(heads, (target as { heads: TensorTree }).heads, targetNames, "target");

    const trained = pick<Tensor>(state.online, trainable);
    const { value, aux, gradients } = valueAndGradient((params: TensorTree) => {
      const online = overlay<Tensor>(state.online, params) as unknown as TrainingState["online"];
      const queries = encode("online", online.encoder);
      const { loss, carried, metrics } = method.loss({
        features: { ...queries.features, ...keys?.features } as never,
        heads: bind(heads, online.heads, headNames, "online"),
        target: targetHeads as never,
        carried: state.carried as C,
        ctx,
      });
      const aux: Aux = {
        carried: (carried ?? state.carried) as TensorTree,
        metrics: metrics ?? {},
        query: Object.values(queries.features)[0] ?? null,
        statistics: queries.state as TensorTree,
      };
      return { value: loss, aux };
    }, trained);

    const norms = scope("monitors", () => gradientNorms(gradients));
    const { updates, state: optimizerState } = scope("optimizer", () =>
      optimizer.update({ updates: gradients, state: state.optimizer as O, params: trained, hyper: hyper as never }),
    );
    const moved = scope("optimizer", () =>
      overlay<Tensor>(state.online, applyUpdates(trained, updates)),
    ) as unknown as TrainingState["online"];
    const online = method.project ? { ...moved, heads: method.project(moved.heads as HeadParams<Hs>) as TensorTree } : moved;
    const spread = aux.query === null ? {} : { embeddingStd: scope("monitors", () => embeddingStd(stopGradient(aux.query as Tensor))) };
    return {
      state: {
        online,
        target: target as TrainingState["target"],
        statistics: { online: aux.statistics, target: (keys?.state ?? null) as TensorTree },
        optimizer: optimizerState as TensorTree,
        carried: aux.carried,
      },
      metrics: {
        loss: value,
        ...spread,
        ...aux.metrics,
        ...Object.fromEntries(Object.entries(norms).map(([path, norm]) => [`gradientNorm/${path}`, norm])),
      },
    };
  };

  const hyper = [...new Set([...optimizer.hyper, ...(method.hyper ?? []), ...(hasTarget ? ["momentum"] : [])])];
  return { init, step, hyper: hyper as (H | HO | NeedsTarget<E>)[], trainable };
};
