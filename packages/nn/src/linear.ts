import { linear as affine, type Module, type Tensor, zeros } from "@twinview/core";
import { uniform, xavierBound } from "./initializers.ts";

export interface LinearParams {
  readonly w: Tensor;
  readonly b?: Tensor;
}

export interface LinearOptions {
  readonly in: number;
  readonly out: number;
  readonly bias?: boolean;
  /** Weights start uniform in `[-bound, bound)`; Xavier's bound of the two widths when absent. Biases start at 0. */
  readonly bound?: number;
}

/** An affine layer `y = x W + b`. Shapes: `x [N, in]`, `y [N, out]`; parameters `w [in, out]`, `b [out]`. */
export const linear = (options: LinearOptions): Module<LinearParams, null> => {
  const { bias = true, bound = xavierBound(options.in, options.out) } = options;
  return {
    init: (rng) => {
      const w = uniform(rng, [options.in, options.out], bound);
      return { params: bias ? { w, b: zeros([options.out]) } : { w }, state: null };
    },
    apply: ({ params }, x) => ({ out: affine(x, params.w, params.b), state: null }),
  };
};
