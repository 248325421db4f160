import { type Encoder, evaluate, type HostTree, rngOf, type Tensor, type Tree } from "@twinview/core";

/** The initial values of an encoder: the structure of its weights. */
export const initialWeights = (encoder: Encoder, seed = 0): { readonly params: HostTree; readonly state: HostTree } =>
  evaluate(() => encoder.init(rngOf(seed)) as unknown as Tree<Tensor>) as never;
