import { add, constant, type Encoder, mapTree, mul, type Scalar, sqrt, stopGradient, sub, type Tensor, type Tree } from "@twinview/core";

/** The numbers that are put where they do not belong. */
export const odd: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  "+Inf": Number.POSITIVE_INFINITY,
  "-Inf": Number.NEGATIVE_INFINITY,
};

/** A loss with a number in the place of its own, from the middle of its computation. */
export const spoiltLoss =
  (value: number) =>
  (loss: Scalar): Scalar =>
    add(loss, mul(stopGradient(loss), constant(Float32Array.of(value), []))) as Scalar;

/**
 * `x` to the last bit, whose gradient is not finite: the root of `x - x`, which is 0, has an infinite slope there. Taken times NaN that
 * is NaN, taken times -1 the other infinity. The classic way in which a finite loss has such a gradient.
 */
const rootOfNothing = (x: Tensor, value: number): Tensor => {
  const sign = Number.isNaN(value) ? 0 : Math.sign(value);
  return add(x, mul(sqrt(sub(x, stopGradient(x))), constant(Float32Array.of(sign), [])));
};

/** An encoder of which one parameter gets a gradient that is not finite; its features are those of the encoder. */
export const spoiltGradient =
  (path: string, value: number) =>
  (encoder: Encoder): Encoder => ({
    ...encoder,
    apply: ({ params, state }, x, ctx) => {
      const spoilt = mapTree<Tensor, Tensor>((leaf, at) => (at === path ? rootOfNothing(leaf, value) : leaf), params as Tree<Tensor>);
      return encoder.apply({ params: spoilt as never, state }, x, ctx);
    },
  });
