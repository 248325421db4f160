import type { ViewOptions } from "@twinview/augment";
import type { Ctx, Scalar, Tensor } from "@twinview/core";
import type { Head } from "@twinview/heads";

export type Heads = Readonly<Record<string, Head<never> | { readonly init: unknown; readonly apply: unknown }>>;
/** Heads with their parameters bound: `heads.projector(x)`. */
export type Bound<Hs extends Heads> = { readonly [K in keyof Hs]: (x: Tensor) => Tensor };
export type HeadParams<Hs extends Heads> = { readonly [K in keyof Hs]: Hs[K] extends Head<infer P> ? P : never };

/** Which encoder sees which view. Target encodings carry no gradient. */
export interface Encoding<W extends "online" | "target" = "online" | "target"> {
  readonly encoder: W;
  readonly view: number;
}
export type Encodings = Readonly<Record<string, Encoding>>;
export const online = (view: number): Encoding<"online"> => ({ encoder: "online", view });
export const target = (view: number): Encoding<"target"> => ({ encoder: "target", view });

/** What a loss sees: features of the whole batch, heads with their parameters bound, what it carried over from the last step. */
export interface LossArgs<Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string> {
  readonly features: { readonly [K in keyof E]: Tensor };
  readonly heads: Bound<Hs>;
  readonly target: Bound<Pick<Hs, T>>;
  readonly carried: C;
  readonly ctx: Ctx<H>;
}

/** A self-supervised method: the runtime applies the encoders, the method turns features of the whole batch into a loss. */
export interface Method<Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string> {
  readonly name: string;
  /** The views of an image of a given side. */
  readonly views: (size: number) => readonly ViewOptions[];
  readonly encodings: E;
  /**
   * Whether views of one size share a batch, and so its statistics, in encoders that mix images: the official SimCLR and SwAV join
   * them. Absent: each view is a batch of its own, as in the official MoCo v3 and BYOL.
   */
  readonly joinsViews?: boolean;
  /** The heads on features of a given width. */
  readonly heads: (dim: number) => Hs;
  /** Heads whose gradients a scheduled scalar multiplies, by name: at 0 a head keeps its parameters, at 1 it trains. */
  readonly gates?: { readonly [K in keyof Hs]?: H };
  /** Heads that the target network has a moving average of; the encoder's average is kept whenever an encoding asks for it. */
  readonly targetHeads?: readonly T[];
  /**
   * When the target network moves towards the online one: before the step's keys are computed (the default; official MoCo v3), or
   * with the online network as it is after the step (official BYOL).
   */
  readonly targetMoves?: "before-keys" | "after-update";
  /** What the target network starts as: a copy of the online one (the default), or a network with initial values of its own. */
  readonly targetStart?: "copy" | "own";
  /** Names of the scalars, other than the moving average's momentum, that the loss reads from ctx.hyper and the gates name: each needs a schedule. */
  readonly hyper?: readonly H[];
  /** What the method carries from step to step (a queue); nothing for most. */
  readonly carry?: (dim: number) => C;
  readonly loss: (args: LossArgs<Hs, E, T, C, H>) => {
    readonly loss: Scalar;
    readonly carried?: C;
    readonly metrics?: Readonly<Record<string, Scalar>>;
    /** What would all be alike after a collapse, two views of the same images, `[B, D]` each; the features of the encoder when absent. */
    readonly embeddings?: readonly [Tensor, Tensor];
  };
  /** Projection applied to the head parameters at the start and after each update. */
  readonly project?: (heads: HeadParams<Hs>) => HeadParams<Hs>;
}

/** Checks a method's types and returns it: names of heads, encodings and scalars are inferred from the value. */
export const defineMethod = <
  Hs extends Heads,
  const E extends Encodings,
  const T extends keyof Hs = never,
  C = null,
  const H extends string = never,
>(
  method: Method<Hs, E, T, C, H>,
): Method<Hs, E, T, C, H> => method;

/** The momentum schedule's name, asked for by a method with target encodings and by no other. */
export type NeedsTarget<E extends Encodings> = "target" extends E[keyof E]["encoder"] ? "momentum" : never;
