import { add, type Ctx, concat, type Encoder, mul, scope, slice, type Tensor, type Vars } from "@twinview/core";
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

/** Features of the encodings of one network, and the encoder's state after all of them. */
export interface Encoded<S> {
  readonly features: Readonly<Record<string, Tensor>>;
  /** Outputs of the encoder's layers, for monitors: those of the first chunk of images. */
  readonly activations: Readonly<Record<string, Tensor>>;
  readonly state: S;
}

/**
 * Applies an encoder to images in chunks of at most `chunk` images, its state passed from one to the next. Equal to the whole batch
 * at once for encoders without batch statistics; a chunk whose activations stay in the processor's cache is faster, and gradients
 * of the chunks add up.
 */
const encodeChunked = <P, S>(
  encoder: Encoder<P, S>,
  vars: Vars<P, S>,
  images: Tensor,
  ctx: Ctx,
  chunk: number,
): ReturnType<Encoder<P, S>["apply"]> => {
  const total = images.shape[0] as number;
  if (total <= chunk) return encoder.apply(vars, images, ctx);
  const parts: Tensor[] = [];
  let { state } = vars;
  let activations: Encoded<S>["activations"] | undefined;
  for (let start = 0; start < total; start += chunk) {
    const part = slice(images, { axis: 0, start, length: Math.min(chunk, total - start) });
    const step = encoder.apply({ params: vars.params, state }, part, ctx);
    parts.push(step.out);
    state = step.state;
    activations ??= step.activations;
  }
  return { out: concat(parts, 0), state, ...(activations === undefined ? {} : { activations }) };
};

/**
 * One network's encodings: each distinct view once. Views of one size go side by side in a batch and are cut apart again
 * afterwards; where the encoder mixes images and the method does not join views, each view is a batch of its own, in the order of
 * the encodings.
 */
export const encodeViews = <P, S>(args: {
  readonly which: Encoding["encoder"];
  readonly encodings: Encodings;
  readonly encoder: Encoder<P, S>;
  readonly vars: Vars<P, S>;
  readonly views: readonly Tensor[];
  readonly ctx: Ctx;
  readonly chunk: number;
  readonly joinsViews: boolean;
}): Encoded<S> => {
  const { which, encodings, encoder, vars, views, ctx, chunk, joinsViews } = args;
  const wanted = Object.entries(encodings).filter(([, encoding]) => encoding.encoder === which);
  const used = [...new Set(wanted.map(([, encoding]) => encoding.view))];
  const sizeOf = (view: number): number | undefined => views[view]?.shape[1];
  const groups =
    encoder.mixesImages && !joinsViews
      ? used.map((view) => [view])
      : [...new Set(used.map(sizeOf))].map((size) => used.filter((view) => sizeOf(view) === size));
  const features = new Map<number, Tensor>();
  let { state } = vars;
  let activations: Encoded<S>["activations"] | undefined;
  for (const group of groups) {
    const images = group.map((view) => views[view] as Tensor);
    const batch = images.length === 1 ? (images[0] as Tensor) : concat(images, 0);
    const encoded = scope(which, () => encodeChunked(encoder, { params: vars.params, state }, batch, ctx, chunk));
    state = encoded.state;
    activations ??= encoded.activations;
    let start = 0;
    for (const [i, view] of group.entries()) {
      const length = images[i]?.shape[0] as number;
      features.set(view, group.length === 1 ? encoded.out : slice(encoded.out, { axis: 0, start, length }));
      start += length;
    }
  }
  const named = wanted.map(([name, { view }]) => [name, features.get(view) as Tensor] as const);
  return { features: Object.fromEntries(named), state, activations: activations ?? {} };
};
