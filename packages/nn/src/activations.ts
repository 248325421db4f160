import { gelu as geluOf, type Module, relu as reluOf } from "@twinview/core";

/** The exact Gaussian error linear unit as a layer. */
export const gelu: Module<null, null> = {
  init: () => ({ params: null, state: null }),
  apply: (_, x) => ({ out: geluOf(x), state: null }),
};

/** The rectifier as a layer. */
export const relu: Module<null, null> = {
  init: () => ({ params: null, state: null }),
  apply: (_, x) => ({ out: reluOf(x), state: null }),
};
