import { add, type Ctx, concat, type Encoder, mul, scope, slice, type Tensor } from "@twinview/core";
import type { Encoding, Encodings } from "./method.ts";

/** Channel statistics that pixels are normalised by, in units of the full range. */
export interface PixelStats {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** ImageNet's channel statistics, the default of all four methods. */
export const imagenetPixels: PixelStats = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** `(x / 255 - mean) / deviation` for pixels `x [B, S, S, 3]` in 0..255. */
export const normalizePixels = (x: Tensor, stats: PixelStats, constant: (values: readonly number[]) => Tensor): Tensor => {
  const factor = stats.deviation.map((deviation) => 1 / (255 * deviation));
  const offset = stats.mean.map((mean, i) => -mean / (stats.deviation[i] as number));
  return add(mul(x, constant(factor)), constant(offset));
};

/**
 * Applies an encoder to images in chunks of at most `chunk` images. Equal to the whole batch at once for encoders without batch
 * statistics; a chunk whose activations stay in the processor's cache is faster, and gradients of the chunks add up.
 */
const encodeChunked = <P, S>(encoder: Encoder<P, S>, vars: { params: P; state: S }, images: Tensor, ctx: Ctx, chunk: number): Tensor => {
  const total = images.shape[0] as number;
  const starts = Array.from({ length: Math.ceil(total / chunk) }, (_, i) => i * chunk);
  const parts = starts.map((start) => {
    const length = Math.min(chunk, total - start);
    return encoder.apply(vars, starts.length === 1 ? images : slice(images, { axis: 0, start, length }), ctx).out;
  });
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 0);
};

/** One network's encodings: each distinct view once, views of one size side by side in a batch, cut apart again afterwards. */
export const encodeViews = <P, S>(args: {
  readonly which: Encoding["encoder"];
  readonly encodings: Encodings;
  readonly encoder: Encoder<P, S>;
  readonly vars: { params: P; state: S };
  readonly views: readonly Tensor[];
  readonly ctx: Ctx;
  readonly chunk: number;
}): Readonly<Record<string, Tensor>> => {
  const { which, encodings, encoder, vars, views, ctx, chunk } = args;
  const wanted = Object.entries(encodings).filter(([, encoding]) => encoding.encoder === which);
  const used = [...new Set(wanted.map(([, encoding]) => encoding.view))];
  const sizes = [...new Set(used.map((view) => views[view]?.shape[1]))];
  const features = new Map<number, Tensor>();
  for (const size of sizes) {
    const group = used.filter((view) => views[view]?.shape[1] === size);
    const images = group.map((view) => views[view] as Tensor);
    const out = scope(which, () =>
      encodeChunked(encoder, vars, images.length === 1 ? (images[0] as Tensor) : concat(images, 0), ctx, chunk),
    );
    let start = 0;
    for (const [i, view] of group.entries()) {
      const length = images[i]?.shape[0] as number;
      features.set(view, group.length === 1 ? out : slice(out, { axis: 0, start, length }));
      start += length;
    }
  }
  return Object.fromEntries(wanted.map(([name, encoding]) => [name, features.get(encoding.view) as Tensor]));
};
