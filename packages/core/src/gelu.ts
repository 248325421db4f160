import { constant } from "./constant.ts";
import { operation } from "./operation.ts";
import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

const mul = (a: Tensor, b: Tensor): Tensor => runKernel("Multiply", { a, b });
const add = (a: Tensor, b: Tensor): Tensor => runKernel("Add", { a, b });
const number = (value: number): Tensor => constant([value], []);

/**
 * The Gaussian error linear unit, exact form: `y = x Phi(x)`, `Phi(x) = (1 + erf(x / sqrt 2)) / 2`.
 * Its gradient is `Phi(x) + x phi(x)`; with `u = x / sqrt 2` that is `(1 + erf(u) + 2 / sqrt(pi) u exp(-u^2)) / 2`.
 * @see Hendrycks and Gimpel, arXiv 1606.08415.
 */
export const gelu = operation((x) => ({
  value: hasKernel("Gelu")
    ? runKernel("Gelu", { x })
    : mul(mul(x, number(0.5)), add(runKernel("Erf", { x: mul(x, number(Math.SQRT1_2)) }), number(1))),
  keep: [x],
  gradient: (dy, [kept]) => {
    const u = mul(kept as Tensor, number(Math.SQRT1_2));
    // the factor 2 / sqrt(pi) rides in the exponent: one pass over the activations less
    const density = runKernel("Exp", { x: runKernel("Sub", { a: number(Math.log(2 / Math.sqrt(Math.PI))), b: mul(u, u) }) });
    const doubled = add(add(runKernel("Erf", { x: u }), mul(u, density)), number(1));
    return [mul(mul(dy, number(0.5)), doubled)];
  },
}));
