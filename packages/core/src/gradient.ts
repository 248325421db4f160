import { zeros } from "./constant.ts";
import type { Scalar, Tensor } from "./tensor.ts";
import { asTf, fromTf, tf } from "./tfjs.ts";
import { leaves, mapTree, rebuild, type Tree } from "./tree.ts";

/**
 * The value of a scalar function of a tree and its gradient with respect to every leaf; leaves it does not depend on get zeros.
 * `aux` is whatever else the function computed, handed through without gradient.
 */
export const valueAndGradient = <P extends Tree<Tensor>, A extends Tree<Tensor>>(
  f: (params: P) => { readonly value: Scalar; readonly aux: A },
  params: P,
): { readonly value: Scalar; readonly aux: A; readonly gradients: P } => {
  const named = leaves(params as Tree<Tensor>);
  let inside: Tree<Tensor> = null;
  const run = (): ReturnType<typeof asTf> => {
    const out = f(params);
    inside = mapTree<Tensor, Tensor>((leaf) => fromTf(tf.keep(asTf(leaf))), out.aux); // tfjs frees what a differentiated function leaves behind
    return asTf(out.value);
  };
  const { value, grads } = tf.engine().gradients(run as never, named.map(([, leaf]) => asTf(leaf)) as never, undefined, true);
  const aux = mapTree<Tensor, Tensor>((leaf) => {
    const copy = fromTf(tf.clone(asTf(leaf)));
    asTf(leaf).dispose();
    return copy;
  }, inside) as A;
  const gradients = new Map(
    named.map(([path, leaf], i) => [path, grads[i] === undefined || grads[i] === null ? zeros(leaf.shape) : fromTf(grads[i] as never)]),
  );
  return { value: fromTf(value as never), aux, gradients: rebuild(params, gradients) as P };
};
