import { checkShape } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { runKernel } from "./tfjs.ts";

const mul = (a: Tensor, b: Tensor): Tensor => runKernel("Multiply", { a, b });
const sub = (a: Tensor, b: Tensor): Tensor => runKernel("Sub", { a, b });

/** `softmax(x)` over the last axis without gradient, for use inside composite operations. */
export const softmaxForward = (x: Tensor): Tensor => runKernel("Softmax", { logits: x }, { dim: x.shape.length - 1 });

/** `dx = p (dp - sum(dp p))` over the last axis. */
export const softmaxGradient = (p: Tensor, dp: Tensor): Tensor => {
  const along = runKernel("Sum", { x: mul(dp, p) }, { axis: [p.shape.length - 1], keepDims: true });
  return mul(p, sub(dp, along));
};

/** The softmax over the last axis: `exp(x) / sum(exp(x))`, safe for large x. */
export const softmax = operation((x) => {
  const p = softmaxForward(x);
  return { value: p, keep: [p], gradient: (dp, [kept]) => [softmaxGradient(kept as Tensor, dp)] };
});

const logSumExpOperation = operation((x) => {
  const top = runKernel("Max", { x }, { reductionIndices: [1], keepDims: true }); // [N, 1]
  const total = runKernel("Sum", { x: runKernel("Exp", { x: sub(x, top) }) }, { axis: [1], keepDims: true });
  const value = runKernel("Add", { a: runKernel("Log", { x: total }), b: top });
  return {
    value: runKernel("Reshape", { x: value }, { shape: [x.shape[0] as number] }),
    keep: [x],
    gradient: (dy, [kept]) => [mul(softmaxForward(kept as Tensor), runKernel("Reshape", { x: dy }, { shape: [x.shape[0] as number, 1] }))],
  };
});

/** `log sum exp` of each row, safe for large numbers. Shapes: `x [N, M]`, result `[N]`. */
export const logSumExp = (x: Tensor): Tensor => {
  checkShape("logSumExp", "x", x.shape, [null, null]);
  return logSumExpOperation(x);
};
