import { add, mapTree, mul, type Scalar, scope, sub, type Tensor, type Tree } from "@twinview/core";

/** `target + (1 - momentum) (online - target)` for each leaf of the target. @see moco-v3 builder.py, _update_momentum_encoder. */
export const follow = (target: Tree<Tensor>, online: Tree<Tensor>, momentum: Scalar): Tree<Tensor> => {
  const rate = sub(1, momentum);
  return scope("average", () => mapTree<Tensor, Tensor>((t, _, o) => add(mul(t, momentum), mul(o as Tensor, rate)), target, online));
};
