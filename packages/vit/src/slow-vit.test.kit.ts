import type { Tensor } from "@twinview/core";
import { at, fromIndex, type Slow, slow, slowAttention, slowBroadcast, slowGelu, slowLayerNorm, slowLinear } from "@twinview/testkit";

export type SlowParams = Readonly<Record<string, Slow>>;

/** The part of a flat record below a path. */
export const below = <V>(flat: Readonly<Record<string, V>>, path: string): Readonly<Record<string, V>> =>
  Object.fromEntries(
    Object.entries(flat).flatMap(([name, value]) => (name.startsWith(`${path}/`) ? [[name.slice(path.length + 1), value]] : [])),
  );

/** Flat inputs `{ "mlp/fc1/w": .. }` as a tree, with `mlp/act` put back where an mlp is. */
export const nested = <P>(flat: Readonly<Record<string, Tensor>>): P => {
  const tree: Record<string, unknown> = {};
  for (const [path, tensor] of Object.entries(flat)) {
    const names = path.split("/");
    const last = names.pop() as string;
    let branch = tree;
    for (const name of names) {
      branch[name] ??= name === "mlp" ? { act: null } : {};
      branch = branch[name] as Record<string, unknown>;
    }
    branch[last] = tensor;
  }
  return tree as P;
};

const plus = (a: Slow, b: Slow): Slow => slowBroadcast(a.shape, a, b, (x, y) => x + y);
const of = (params: SlowParams, name: string): Slow => {
  const found = params[name];
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found;
};

/** Attention and its projections on rows `[B T, D]`. */
const attended = (rows: Slow, params: SlowParams, batch: number, heads: number): Slow => {
  const [count, dim] = rows.shape as readonly [number, number];
  const qkv = slowLinear(rows, of(params, "qkv/w"), of(params, "qkv/b"));
  const mixed = slowAttention(slow(qkv.data, [batch, count / batch, 3 * dim]), heads);
  return slowLinear(slow(mixed.data, [count, dim]), of(params, "out/w"), of(params, "out/b"));
};

/** A whole pre-norm block on `x [B, T, D]`. */
export const slowBlock = (x: Slow, params: SlowParams, heads: number): Slow => {
  const [batch, tokens, dim] = x.shape as readonly [number, number, number];
  const rows = slow(x.data, [batch * tokens, dim]);
  const norm = (y: Slow, name: string): Slow => slowLayerNorm(y, of(params, `${name}/scale`), of(params, `${name}/shift`), 1e-6);
  const middle = plus(rows, attended(norm(rows, "norm1"), below(params, "attention"), batch, heads));
  const hidden = slowGelu(slowLinear(norm(middle, "norm2"), of(params, "mlp/fc1/w"), of(params, "mlp/fc1/b")));
  return slow(plus(middle, slowLinear(hidden, of(params, "mlp/fc2/w"), of(params, "mlp/fc2/b"))).data, x.shape);
};

/** Patch projection as the convolution it is: kernel and stride `patch`, one output pixel at a time; result `[B, G^2, D]`. */
export const slowPatches = (images: Slow, w: Slow, b: Slow, patch: number): Slow => {
  const [batch, side] = images.shape as readonly [number, number];
  const grid = side / patch;
  return fromIndex([batch, grid * grid, w.shape[1] as number], (n = 0, place = 0, d = 0) => {
    const [top, left] = [Math.floor(place / grid) * patch, (place % grid) * patch];
    let total = at(b, d);
    for (let y = 0; y < patch; y++)
      for (let x = 0; x < patch; x++)
        for (let c = 0; c < 3; c++) total += at(images, n, top + y, left + x, c) * at(w, (y * patch + x) * 3 + c, d);
    return total;
  });
};

export interface SlowVitOptions {
  readonly patch: number;
  readonly heads: number;
  readonly depth: number;
  readonly readout: "token" | "average";
  /** `[T, D]`, or nothing. */
  readonly position: Slow | undefined;
}

/** A vision transformer from images to features `[B, D]`: every block in full, then norm, then the readout. */
export const slowVit = (images: Slow, params: SlowParams, { patch, heads, depth, readout, position }: SlowVitOptions): Slow => {
  const patches = slowPatches(images, of(params, "patch/w"), of(params, "patch/b"), patch);
  const [batch, count, dim] = patches.shape as readonly [number, number, number];
  const lead = readout === "token" ? 1 : 0;
  let x = fromIndex([batch, count + lead, dim], (n = 0, t = 0, d = 0) => {
    const own = t < lead ? at(of(params, "token"), d) : at(patches, n, t - lead, d);
    return own + (position === undefined ? 0 : at(position, t, d));
  });
  for (let i = 0; i < depth; i++) x = slowBlock(x, below(params, `blocks/block0${i}`), heads);
  const rows = slow(x.data, [batch * (count + lead), dim]);
  const scale = params["norm/scale"];
  const normal = scale === undefined ? rows : slowLayerNorm(rows, scale, of(params, "norm/shift"), 1e-6);
  const tokens = slow(normal.data, x.shape);
  return fromIndex([batch, dim], (n = 0, d = 0) => {
    if (readout === "token") return at(tokens, n, 0, d);
    let total = 0;
    for (let t = 0; t < count; t++) total += at(tokens, n, t, d);
    return total / count;
  });
};
