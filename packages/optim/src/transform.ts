import type { Hyper, Tensor, Tree } from "@twinview/core";

export type TensorTree = Tree<Tensor>;

/** What a transform sees of one step: gradients (or what an earlier transform made of them), its state, the parameters, the scalars. */
export interface UpdateArgs<S, H extends string> {
  readonly updates: TensorTree;
  readonly state: S;
  readonly params: TensorTree;
  readonly hyper: Hyper<H>;
}

/** One stage of an optimizer: a pair of pure functions, as in optax. State is a tree and passes in and out. */
export interface Transform<S, H extends string = never> {
  readonly init: (params: TensorTree) => S;
  readonly update: (args: UpdateArgs<S, H>) => { readonly updates: TensorTree; readonly state: S };
  /** The scalars it reads, one schedule each. */
  readonly hyper: readonly H[];
}

// `any` would be needed to say "some transform"; these helpers take one apart instead.
export type TransformState<T> = T extends { readonly init: (params: TensorTree) => infer S } ? S : never;
export type TransformHyper<T> = T extends { readonly hyper: readonly (infer H)[] } ? H & string : never;

type Part = { readonly init: (params: TensorTree) => unknown; readonly hyper: readonly string[]; readonly update: never };
type Parts = Readonly<Record<string, Omit<Part, "update">>>;

/** Transforms one after the other; their names become the paths of their states. */
export const chain = <const T extends Parts>(
  parts: T,
): Transform<{ readonly [K in keyof T]: TransformState<T[K]> }, TransformHyper<T[keyof T]>> => {
  type State = { readonly [K in keyof T]: TransformState<T[K]> };
  type H = TransformHyper<T[keyof T]>;
  const names = Object.keys(parts) as (keyof T & string)[];
  return {
    init: (params) => Object.fromEntries(names.map((name) => [name, (parts[name] as Parts[string]).init(params)])) as State,
    update: ({ updates, state, params, hyper }) => {
      let current = updates;
      const states = names.map((name) => {
        const stage = parts[name] as unknown as Transform<unknown, H>;
        const out = stage.update({ updates: current, state: state[name], params, hyper });
        current = out.updates;
        return [name, out.state] as const;
      });
      return { updates: current, state: Object.fromEntries(states) as State };
    },
    hyper: [...new Set(names.flatMap((name) => (parts[name] as Parts[string]).hyper))] as H[],
  };
};
