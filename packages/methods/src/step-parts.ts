import {
  constant,
  type Encoder,
  mapTree,
  mul,
  overlay,
  pick,
  type Scalar,
  scope,
  stopGradient,
  type Tensor,
  type Tree,
} from "@twinview/core";
import { applyUpdates, type Transform } from "@twinview/optim";
import { activationDeviations, collapseMetrics, gradientNorms, updateRatios, wholeGradientNorm } from "@twinview/stability";
import { bindHeads } from "./bind-heads.ts";
import { type Encoded, encodeViews, normalizePixels, type PixelStats } from "./encode.ts";
import { follow } from "./follow.ts";
import type { Encodings, HeadParams, Heads, Method } from "./method.ts";
import type { Network, TensorTree, TrainingState } from "./training-state.ts";

export type Scalars = Readonly<Record<string, Scalar>>;

/** What a step is made of, without the names that the types of a method carry. */
export interface StepSettings {
  readonly encoder: Encoder;
  readonly method: Method<Heads, Encodings, string, unknown, string>;
  readonly optimizer: Transform<unknown, string>;
  readonly pixels: PixelStats;
  /** How many images pass through the encoder together. */
  readonly chunk: number;
  readonly monitors: boolean;
}

/** What a loss leaves beside its value. */
export interface LossAux {
  readonly [name: string]: TensorTree;
  readonly carried: TensorTree;
  readonly metrics: Scalars;
  readonly embeddings: { readonly first: Tensor; readonly second: Tensor };
}

/** Gradients of gated heads times their scalars. */
const throughGates = (gradients: TensorTree, gates: Readonly<Record<string, string | undefined>>, hyper: Scalars): TensorTree => {
  const gateOf = (path: string): string | undefined => Object.entries(gates).find(([head]) => path.startsWith(`heads/${head}/`))?.[1];
  return mapTree<Tensor, Tensor>((gradient, path) => {
    const gate = gateOf(path);
    return gate === undefined ? gradient : mul(gradient, hyper[gate] as Scalar);
  }, gradients);
};

const prefixed = (prefix: string, numbers: Scalars): Scalars =>
  Object.fromEntries(Object.entries(numbers).map(([name, number]) => [`${prefix}/${name}`, number]));

/** The same numbers as tensors of their own, through which no gradient finds its way. */
export const apart = (tree: TensorTree): TensorTree => mapTree<Tensor, Tensor>((leaf) => stopGradient(leaf), tree);

/**
 * The parts of a training step, each written once for the step at once and the step in micro-batches. The order they belong in is
 * that of the official codes: the target network moves towards the online one (where the method asks for it before the keys), keys
 * are computed with it, then the loss, its gradient, the online update, and the move of the target where the method asks for it then.
 */
export const stepParts = ({ encoder, method, optimizer, pixels, chunk, monitors }: StepSettings) => {
  const heads = method.heads(encoder.dim);
  const headNames = Object.keys(heads);
  const targetNames = method.targetHeads ?? [];
  const all = Object.keys(method.encodings);
  /** The names of the encodings, and of those that get a gradient. */
  const encodings = { all, online: all.filter((name) => method.encodings[name]?.encoder === "online") };
  const hasTarget = encodings.online.length < all.length;
  const movesAfter = method.targetMoves === "after-update";
  const trainable = (path: string): boolean => !(path.startsWith("encoder/") && encoder.frozen(path.slice("encoder/".length)));
  const targetOf = (online: Network): Network => ({
    encoder: online.encoder,
    heads: pick(online.heads, (path) => targetNames.some((name) => path === name || path.startsWith(`${name}/`))),
  });
  const projected = (online: Network): Network =>
    method.project ? { ...online, heads: method.project(online.heads as HeadParams<Heads>) as TensorTree } : online;
  const trainedOf = (online: Network): TensorTree => pick<Tensor>(online as unknown as TensorTree, trainable);
  const followed = (state: TrainingState, online: Network, hyper: Scalars): TrainingState["target"] =>
    follow(
      state.target as unknown as TensorTree,
      targetOf(online) as unknown as TensorTree,
      hyper.momentum as Scalar,
    ) as unknown as Network;

  /** The target network that the step's keys come from. */
  const targetBefore = (state: TrainingState, hyper: Scalars): TrainingState["target"] => {
    if (state.target === null) return null;
    // tensors of its own: where target and online are the very same ones, a gradient would find its way through the target
    return movesAfter ? (apart(state.target as unknown as TensorTree) as unknown as Network) : followed(state, state.online, hyper);
  };

  const images = (views: readonly Tensor[]): readonly Tensor[] =>
    views.map((view) => scope("pixels", () => normalizePixels(view, pixels, (values) => constant(values, [values.length]))));

  /** One network's encodings of normalised views. */
  const encode = (
    which: "online" | "target",
    { params, statistics, views, hyper }: { params: TensorTree; statistics: TensorTree; views: readonly Tensor[]; hyper: Scalars },
  ): Encoded<TensorTree> =>
    encodeViews({
      which,
      encodings: method.encodings,
      encoder,
      vars: { params, state: statistics },
      views,
      ctx: { train: true, hyper: hyper as never },
      chunk,
      joinsViews: method.joinsViews ?? false,
    }) as Encoded<TensorTree>;

  /** The method's loss on the features of the whole batch. */
  const loss = (at: {
    readonly features: Readonly<Record<string, Tensor>>;
    readonly heads: TensorTree;
    readonly target: TrainingState["target"];
    readonly carried: TensorTree;
    readonly hyper: Scalars;
  }): { readonly value: Scalar; readonly aux: LossAux } => {
    const { loss: value, ...beside } = method.loss({
      features: at.features,
      heads: bindHeads(heads, at.heads, headNames, "online"),
      target: at.target === null ? {} : (bindHeads(heads, at.target.heads, targetNames, "target") as never),
      carried: at.carried,
      ctx: { train: true, hyper: at.hyper },
    });
    const [first, second] = beside.embeddings ?? encodings.online.map((name) => at.features[name] as Tensor);
    // where a method has one online view, it stands for both, as a tensor of its own: handed out of a gradient, a tensor is freed once
    const embeddings = { first: first as Tensor, second: second ?? stopGradient(first as Tensor) };
    return { value, aux: { carried: (beside.carried ?? at.carried) as TensorTree, metrics: beside.metrics ?? {}, embeddings } };
  };

  /** The online network and the optimizer after the update, from gradients before their gates. */
  const update = (state: TrainingState, gradients: TensorTree, hyper: Scalars) => {
    const trained = trainedOf(state.online);
    const gated = throughGates(gradients, method.gates ?? {}, hyper);
    const { updates, state: optimizerState } = scope("optimizer", () =>
      optimizer.update({ updates: gated, state: state.optimizer, params: trained, hyper }),
    );
    const online = scope("optimizer", () =>
      projected(overlay<Tensor>(state.online as unknown as TensorTree, applyUpdates(trained, updates)) as unknown as Network),
    );
    return { trained, gated, online, optimizer: optimizerState as TensorTree };
  };

  /** The target network after the step. */
  const targetAfter = (state: TrainingState, before: TrainingState["target"], online: Network, hyper: Scalars): TrainingState["target"] =>
    before !== null && movesAfter ? followed(state, online, hyper) : before;

  /**
   * Monitors of the loss, of the encoder's layers and of the update. Where they are off there is still the norm of the whole gradient: a
   * gradient that is not finite must not reach the parameters, however finite the loss.
   */
  const watched = (numbers: () => Scalars): Scalars => (monitors ? scope("monitors", numbers) : {});
  const monitor = {
    loss: ({ embeddings, metrics }: LossAux): Scalars =>
      watched(() => ({ ...collapseMetrics(embeddings.first, embeddings.second), ...metrics })),
    activations: (activations: Readonly<Record<string, Tensor>>): Scalars =>
      watched(() => prefixed("activation", activationDeviations(activations))),
    update: ({ trained, gated, online }: ReturnType<typeof update>): Scalars =>
      scope("monitors", () =>
        monitors
          ? { ...prefixed("gradientNorm", gradientNorms(gated)), ...prefixed("updateRatio", updateRatios(trained, trainedOf(online))) }
          : { "gradientNorm/all": wholeGradientNorm(gated) },
      ),
  };

  return {
    heads,
    headNames,
    encodings,
    hasTarget,
    trainable,
    trainedOf,
    targetOf,
    projected,
    targetBefore,
    images,
    encode,
    loss,
    update,
    targetAfter,
    monitor,
  };
};

export type StepParts = ReturnType<typeof stepParts>;

/** A tree of parameters with those that are trained replaced. */
export const withTrained = (online: Network, trained: TensorTree): Network =>
  overlay<Tensor>(online as unknown as Tree<Tensor>, trained) as unknown as Network;
