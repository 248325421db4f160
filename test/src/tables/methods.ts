import type { ViewOptions } from "@twinview/augment";
import type { Encoder } from "@twinview/core";
import { type Encodings, type Heads, type Method, mocoV3, type NeedsTarget, type TrainingStep, trainingStep } from "@twinview/methods";
import { sgd, type Transform } from "@twinview/optim";
import { type VitParams, vit } from "@twinview/vit";
import { smallest } from "./modules.ts";

/** One method on a small encoder. */
export interface MethodRow {
  readonly name: string;
  readonly views: readonly ViewOptions[];
  readonly hasTarget: boolean;
  /** The scalars a step is fed, learning rate and weight decay apart. */
  readonly hyper: Readonly<Record<string, number>>;
  /** The step with plain gradient descent, so that one step shows the gradient, or with an optimizer given. */
  readonly step: (options?: {
    readonly freezePatch?: boolean;
    readonly chunk?: number;
    readonly optimizer?: Transform<unknown, string>;
  }) => TrainingStep<string>;
}

/** Side of the images that methods are tested on, and how many of them. */
export const side = 8;
export const batch = 6;

/** Averages its tokens: the class token of so small an encoder hardly tells images apart, and batch norms would blow up what is left. */
const encoderOf = (freezePatch: boolean): Encoder<VitParams, null> =>
  vit({ size: smallest, patch: 4, image: side, readout: "average", freezePatch });

const row = <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
  method: Method<Hs, E, T, C, H>,
  hyper: { readonly [K in H | NeedsTarget<E>]: number },
): MethodRow => ({
  name: method.name,
  views: method.views(side),
  hasTarget: Object.values(method.encodings).some(({ encoder }) => encoder === "target"),
  hyper,
  step: ({ freezePatch = false, chunk, optimizer } = {}) =>
    trainingStep({
      encoder: encoderOf(freezePatch),
      method,
      optimizer: optimizer ?? (sgd({ momentum: 0 }) as Transform<unknown, string>),
      ...(chunk === undefined ? {} : { chunk }),
    }) as unknown as TrainingStep<string>,
});

/**
 * Every method of the library, with the scalars that its loss and its moving average read: add a row for a new one and it is
 * held to the laws of conformance/methods.test.ts and compared on every engine.
 */
export const methods: readonly MethodRow[] = [row(mocoV3({ hidden: 12, out: 6 }), { momentum: 0.9 })];
