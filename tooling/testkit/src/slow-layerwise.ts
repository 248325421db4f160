import { lengthOf } from "./numbers.ts";
import { type Decays, perTensor, type SlowOptimizer } from "./slow-optimizers.ts";

const matrices: Decays = (_, shape) => shape.length > 1;

const ratioOf = (p: readonly number[], u: readonly number[], trust: number): number =>
  lengthOf(p) > 0 && lengthOf(u) > 0 ? (trust * lengthOf(p)) / lengthOf(u) : 1;

/** LARS: decay, ratio, momentum, rate; with `classic` the rate enters the momentum. */
export const slowLars = ({ trust = 1e-3, momentum = 0.9, classic = false, scales = matrices } = {}): SlowOptimizer =>
  perTensor((path, shape) => {
    let v: number[] = [];
    return (p, g, { lr = 0, wd = 0 }) => {
      const decayed = scales(path, shape) ? g.map((x, i) => x + wd * (p[i] as number)) : g;
      const ratio = scales(path, shape) ? ratioOf(p, decayed, trust) : 1;
      const rate = classic ? lr : 1;
      v = decayed.map((x, i) => momentum * (v[i] ?? 0) + rate * ratio * x);
      return p.map((x, i) => x - (classic ? 1 : lr) * (v[i] as number));
    };
  });

/** SGD in LARC: the decay inside the ratio, every tensor. */
export const slowLarc = ({ trust = 1e-3, momentum = 0.9 } = {}): SlowOptimizer =>
  perTensor(() => {
    let v: number[] = [];
    return (p, g, { lr = 0, wd = 0 }) => {
      const moves = lengthOf(p) > 0 && lengthOf(g) > 0;
      const rate = moves ? (trust * lengthOf(p)) / (lengthOf(g) + wd * lengthOf(p) + 1e-8) : 1;
      v = g.map((x, i) => momentum * (v[i] ?? 0) + rate * (moves ? x + wd * (p[i] as number) : x));
      return p.map((x, i) => x - lr * (v[i] as number));
    };
  });

/** LAMB: Adam with bias correction, decay, ratio. */
export const slowLamb = ({ epsilon = 1e-6 } = {}): SlowOptimizer =>
  perTensor(() => {
    let m: number[] = [];
    let s: number[] = [];
    let t = 0;
    return (p, g, { lr = 0, wd = 0 }) => {
      t++;
      m = g.map((x, i) => 0.9 * (m[i] ?? 0) + 0.1 * x);
      s = g.map((x, i) => 0.999 * (s[i] ?? 0) + 0.001 * x * x);
      const root = (i: number): number => Math.sqrt((s[i] as number) / (1 - 0.999 ** t));
      const u = p.map((x, i) => (m[i] as number) / (1 - 0.9 ** t) / (root(i) + epsilon) + wd * x);
      const ratio = ratioOf(p, u, 1);
      return p.map((x, i) => x - lr * ratio * (u[i] as number));
    };
  });
