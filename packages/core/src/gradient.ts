import { zeros } from "./constant.ts";
import type { Scalar, Tensor } from "./tensor.ts";
import { asTf, fromTf, tf } from "./tfjs.ts";
import { leaves, rebuild, type Tree } from "./tree.ts";

/**
 * The value of a scalar function of a tree and its gradient with respect to every leaf; leaves it does not depend on get zeros.
 * `aux` is whatever else the function computed, handed through without gradient.
 */
export const valueAndGradient = <P extends Tree<Tensor>, A>(
  f: (params: P) => { readonly value: Scalar; readonly aux: A },
  params: P,
): { readonly value: Scalar; readonly aux: A; readonly gradients: P } => {
  const named = leaves(params as Tree<Tensor>);
  let aux: A | undefined;
  const run = (): ReturnType<typeof asTf> => {
    const out = f(params);
    aux = out.aux;
    return asTf(out.value);
  };
  const { value, grads } = tf.engine().gradients(run as never, named.map(([, leaf]) => asTf(leaf)) as never, undefined, true);
  const gradients = new Map(
    named.map(([path, leaf], i) => [path, grads[i] === undefined || grads[i] === null ? zeros(leaf.shape) : fromTf(grads[i] as never)]),
  );
  return { value: fromTf(value as never), aux: aux as A, gradients: rebuild(params, gradients) as P };
};
