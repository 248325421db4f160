import type { Numbers } from "./numbers.ts";

/** Arrays by path. */
export type SlowTree = Readonly<Record<string, Numbers>>;

/** One step of an optimizer in float64: new parameters from parameters, gradients and this step's scalars. State lives inside. */
export type SlowOptimizer = (params: SlowTree, gradients: SlowTree, hyper: Readonly<Record<string, number>>) => SlowTree;

export type Decays = (path: string, shape: readonly number[]) => boolean;
const always: Decays = () => true;

/** A slow optimizer from the rule of one parameter tensor; the rule keeps its own state, one for each path. */
export const perTensor = (
  start: (path: string, shape: readonly number[]) => (p: number[], g: number[], hyper: Readonly<Record<string, number>>) => number[],
): SlowOptimizer => {
  const rules = new Map<string, ReturnType<typeof start>>();
  return (params, gradients, hyper) =>
    Object.fromEntries(
      Object.entries(params).map(([path, { shape, data }]) => {
        const rule = rules.get(path) ?? start(path, shape);
        rules.set(path, rule);
        return [path, { shape, data: rule(Array.from(data), Array.from(gradients[path]?.data ?? []), hyper) }];
      }),
    );
};

/**
 * torch.optim.AdamW, line by line: `p *= 1 - lr wd`, `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
 * `p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.
 */
export const slowAdamw = ({ b1 = 0.9, b2 = 0.999, epsilon = 1e-8, decays = always } = {}): SlowOptimizer =>
  perTensor((path, shape) => {
    const wd = decays(path, shape) ? 1 : 0;
    let m: number[] = [];
    let v: number[] = [];
    let t = 0;
    return (p, g, { lr = 0, wd: decay = 0 }) => {
      t++;
      m = g.map((gi, i) => b1 * (m[i] ?? 0) + (1 - b1) * gi);
      v = g.map((gi, i) => b2 * (v[i] ?? 0) + (1 - b2) * gi * gi);
      const correction1 = 1 - b1 ** t;
      const correction2 = Math.sqrt(1 - b2 ** t);
      return p.map((pi, i) => {
        const kept = pi * (1 - lr * decay * wd);
        return kept - ((lr / correction1) * (m[i] as number)) / (Math.sqrt(v[i] as number) / correction2 + epsilon);
      });
    };
  });

/** torch.optim.SGD: `g += wd p`, `v = g` at the first step and `momentum v + g` after it, `p -= lr v` or `lr (g + momentum v)`. */
export const slowSgd = ({ momentum = 0, nesterov = false, decays = always } = {}): SlowOptimizer =>
  perTensor((path, shape) => {
    const wd = decays(path, shape) ? 1 : 0;
    let velocity: number[] | undefined;
    return (p, g, { lr = 0, wd: decay = 0 }) => {
      const full = g.map((gi, i) => gi + decay * wd * (p[i] as number));
      const before = velocity;
      const next = before === undefined ? full : full.map((gi, i) => momentum * (before[i] as number) + gi);
      velocity = next;
      return p.map((pi, i) => {
        const move = nesterov ? (full[i] as number) + momentum * (next[i] as number) : (next[i] as number);
        return pi - lr * move;
      });
    };
  });
