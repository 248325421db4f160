import { add, broadcastTo, mapTree, mul, type Scalar, sum, type Tensor, type Tree, valueAndGradient } from "@twinview/core";
import { apart, type LossAux, type Scalars, type StepParts, withTrained } from "./step-parts.ts";
import type { Network, TensorTree, TrainingState } from "./training-state.ts";

/** What the phases of a step hand to each other beside features: sums of gradients, and what the state will hold after the update. */
export interface StepScratch {
  readonly gradients: { readonly encoder: TensorTree; readonly heads: TensorTree };
  readonly statistics: TrainingState["statistics"];
  readonly carried: TensorTree;
}

export type Features = Readonly<Record<string, Tensor>>;

interface Shaped {
  readonly shape: readonly number[];
}

/**
 * The step in phases, so that a batch of any size fits in memory:
 *
 *     begin                          gradients 0
 *     features   each micro-batch    f = encoder(views), activations let go
 *     loss       whole batch         loss(f), d loss / d heads, g = d loss / d f
 *     backward   each micro-batch    d loss / d encoder += (d f / d encoder)^T g, activations made again
 *     update                         optimizer, target network, monitors
 *
 * Heads and loss see the features of the whole batch, so the step is the whole one to rounding: batch norms in heads, negatives,
 * balanced codes and queues included. An encoder that mixes images (batch norm) normalises each micro-batch by its own statistics, as
 * devices without synchronised batch norm do; its running statistics move micro-batch by micro-batch.
 *
 * Only `update` gives a new training state. A step that is broken off before it leaves the state as it was.
 * @see Gao et al., arXiv 2101.06983 (gradients of features cached); design as in section 3.3 there.
 */
export interface ChunkedStep {
  /** The shapes of the working memory, from a training state or its shapes. */
  readonly scratch: (state: Tree<Shaped>) => Tree<Shaped>;
  /** `zero` is the number 0, fed: a constant in the graph would be folded into one as large as the gradients. */
  readonly begin: (args: { readonly state: TrainingState; readonly scratch: StepScratch; readonly zero: Scalar }) => StepScratch;
  /** `views`: one `[N, S, S, 3]` tensor of pixels 0..255 for each view. Features are `[N, dim]`, one for each encoding. */
  readonly features: (args: {
    readonly state: TrainingState;
    readonly scratch: StepScratch;
    readonly views: readonly Tensor[];
    readonly hyper: Scalars;
  }) => { readonly scratch: StepScratch; readonly features: Features; readonly metrics: Scalars };
  /** `features`: `[B, dim]`, one for each encoding. Gradients are `[B, dim]`, one for each online encoding. */
  readonly loss: (args: {
    readonly state: TrainingState;
    readonly scratch: StepScratch;
    readonly features: Features;
    readonly hyper: Scalars;
  }) => { readonly scratch: StepScratch; readonly gradients: Features; readonly metrics: Scalars };
  readonly backward: (args: {
    readonly state: TrainingState;
    readonly scratch: StepScratch;
    readonly views: readonly Tensor[];
    /** `[N, dim]`, one for each online encoding. */
    readonly gradients: Features;
    readonly hyper: Scalars;
  }) => StepScratch;
  readonly update: (args: { readonly state: TrainingState; readonly scratch: StepScratch; readonly hyper: Scalars }) => {
    readonly state: TrainingState;
    readonly metrics: Scalars;
  };
  /** The names of the encodings, and of those that get a gradient. */
  readonly encodings: StepParts["encodings"];
}

const inner = (a: Tensor, b: Tensor): Scalar => sum(mul(a, b));
const asTree = (network: Network): TensorTree => network as unknown as TensorTree;
const asNetwork = (tree: TensorTree): Network => tree as unknown as Network;

export const chunkedStep = (parts: StepParts): ChunkedStep => ({
  encodings: parts.encodings,
  scratch: (state) => {
    const { online, statistics, carried } = state as unknown as TrainingState;
    return { gradients: parts.trainedOf(online), statistics, carried } as unknown as Tree<Shaped>;
  },

  begin: ({ state, scratch, zero }) => ({
    gradients: asNetwork(mapTree<Tensor, Tensor>(({ shape }) => broadcastTo(zero, shape), asTree(scratch.gradients))),
    statistics: state.statistics,
    carried: scratch.carried,
  }),

  features: ({ state, scratch, views, hyper }) => {
    const images = parts.images(views);
    const encode = (which: "online" | "target", params: TensorTree) =>
      parts.encode(which, { params, statistics: scratch.statistics[which], views: images, hyper });
    const target = parts.targetBefore(state, hyper);
    const keys = target === null ? null : encode("target", target.encoder);
    const queries = encode("online", state.online.encoder);
    return {
      scratch: { ...scratch, statistics: { online: queries.state, target: keys?.state ?? null } },
      features: { ...queries.features, ...keys?.features },
      metrics: parts.monitor.activations(queries.activations),
    };
  },

  loss: ({ state, scratch, features, hyper }) => {
    const target = parts.targetBefore(state, hyper);
    const point = {
      features: Object.fromEntries(parts.encodings.online.map((name) => [name, features[name] as Tensor])),
      heads: state.online.heads,
    };
    const { value, aux, gradients } = valueAndGradient((at: typeof point) => {
      const out = parts.loss({ features: { ...features, ...at.features }, heads: at.heads, target, carried: state.carried, hyper });
      // what a method hands through as it got it would be freed with the gradient's own tensors
      return { value: out.value, aux: { ...out.aux, embeddings: apart(out.aux.embeddings) } as LossAux };
    }, point);
    return {
      scratch: { ...scratch, gradients: { ...scratch.gradients, heads: gradients.heads }, carried: aux.carried },
      gradients: gradients.features,
      metrics: { loss: value, ...parts.monitor.loss(aux) },
    };
  },

  backward: ({ state, scratch, views, gradients, hyper }) => {
    const images = parts.images(views);
    const { encoder } = asNetwork(parts.trainedOf(state.online));
    const pulled = valueAndGradient((params: TensorTree) => {
      const online = withTrained(state.online, { encoder: params });
      const { features } = parts.encode("online", { params: online.encoder, statistics: state.statistics.online, views: images, hyper });
      const seeded = parts.encodings.online.map((name) => inner(features[name] as Tensor, gradients[name] as Tensor));
      return { value: seeded.reduce((total, part) => add(total, part)), aux: null };
    }, encoder);
    const summed = mapTree<Tensor, Tensor>((total, _, part) => add(total, part as Tensor), scratch.gradients.encoder, pulled.gradients);
    return { ...scratch, gradients: { ...scratch.gradients, encoder: summed } };
  },

  update: ({ state, scratch, hyper }) => {
    const updated = parts.update(state, asTree(scratch.gradients), hyper);
    return {
      state: {
        online: updated.online,
        target: parts.targetAfter(state, parts.targetBefore(state, hyper), updated.online, hyper),
        statistics: scratch.statistics,
        optimizer: updated.optimizer,
        carried: scratch.carried,
      },
      metrics: parts.monitor.update(updated),
    };
  },
});
