import { type Module, type ParamsOf, type Rng, type StateOf, scope, split, type Tensor, type Vars } from "@twinview/core";

// A record of modules of any trees: the trees come back typed by the mapped types below.
type Parts = Readonly<Record<string, { readonly init: (rng: Rng) => Vars<unknown, unknown>; readonly apply: unknown }>>;

/** Modules one after the other; their names become the paths of their parameters: `seq({ fc1: .., act: relu })` has `fc1/w`. */
export const seq = <const R extends Parts>(
  parts: R,
): Module<{ readonly [K in keyof R]: ParamsOf<R[K]> }, { readonly [K in keyof R]: StateOf<R[K]> }> => {
  type Params = { readonly [K in keyof R]: ParamsOf<R[K]> };
  type State = { readonly [K in keyof R]: StateOf<R[K]> };
  const names = Object.keys(parts) as (keyof R & string)[];
  const each = <V>(f: (name: keyof R & string) => V): Record<string, V> => Object.fromEntries(names.map((name) => [name, f(name)]));
  return {
    init: (rng) => {
      const keys = split(rng, names);
      const vars = each((name) => (parts[name] as Module<unknown, unknown>).init(keys[name] as Rng));
      return { params: each((name) => vars[name]?.params) as Params, state: each((name) => vars[name]?.state) as State };
    },
    apply: ({ params, state }, x, ctx) => {
      let out: Tensor = x;
      const after = each((name) => {
        const step = scope(name, () =>
          (parts[name] as Module<unknown, unknown>).apply({ params: params[name], state: state[name] }, out, ctx),
        );
        out = step.out;
        return step.state;
      });
      return { out, state: after as State };
    },
  };
};
