import { type Scalar, type Tensor, valueAndGradient } from "@twinview/core";
import { apart, type LossAux, type Scalars, type StepParts, withTrained } from "./step-parts.ts";
import type { TensorTree, TrainingState } from "./training-state.ts";

interface Aux extends LossAux {
  readonly activations: Readonly<Record<string, Tensor>>;
  readonly statistics: TensorTree;
}

/** The whole step as one function: everything of the batch at once. */
export const wholeStep =
  (parts: StepParts) =>
  ({
    state,
    views,
    hyper,
  }: {
    readonly state: TrainingState;
    readonly views: readonly Tensor[];
    readonly hyper: Scalars;
  }): {
    readonly state: TrainingState;
    readonly metrics: Readonly<Record<string, Scalar>>;
  } => {
    const images = parts.images(views);
    const encode = (which: "online" | "target", params: TensorTree) =>
      parts.encode(which, { params, statistics: state.statistics[which], views: images, hyper });
    const target = parts.targetBefore(state, hyper);
    const keys = target === null ? null : encode("target", target.encoder);
    const { value, aux, gradients } = valueAndGradient((params: TensorTree) => {
      const online = withTrained(state.online, params);
      const queries = encode("online", online.encoder);
      const features = { ...queries.features, ...keys?.features };
      const { value: loss, aux: beside } = parts.loss({ features, heads: online.heads, target, carried: state.carried, hyper });
      const activations = apart(queries.activations) as Aux["activations"];
      return { value: loss, aux: { ...beside, activations, statistics: queries.state } as Aux };
    }, parts.trainedOf(state.online));
    const updated = parts.update(state, gradients, hyper);
    return {
      state: {
        online: updated.online,
        target: parts.targetAfter(state, target, updated.online, hyper),
        statistics: { online: aux.statistics, target: keys?.state ?? null },
        optimizer: updated.optimizer,
        carried: aux.carried,
      },
      metrics: {
        loss: value,
        ...parts.monitor.loss(aux),
        ...parts.monitor.activations(aux.activations),
        ...parts.monitor.update(updated),
      },
    };
  };
