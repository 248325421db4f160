import type { ViewOptions } from "@twinview/augment";
import type { HostTree, Tensor, Tree } from "@twinview/core";
import { type BadFile, readImages, type Source, sampleRenderer } from "@twinview/data";
import type { Engine, Program, Session } from "@twinview/engine";
import type { Rows } from "@twinview/eval";
import { features } from "@twinview/methods";
import { evalBatch, featuresOf, type ImageSet } from "@twinview/train";
import { type EncoderWeights, weightsHash } from "./encoder-weights.ts";

/** Features of some images of a source. */
export interface SourceFeatures {
  readonly features: Rows;
  /** The images that could be read, in the order asked for. */
  readonly indices: Uint32Array;
  /** Class of each; empty when the source has none. */
  readonly labels: Int32Array;
  readonly bad: readonly BadFile[];
}

/** A frozen encoder in an engine, in evaluation mode. */
export interface FeatureSession {
  readonly of: (set: ImageSet) => Promise<Rows>;
  /** Features of images as they are, decoded block by block. */
  readonly ofSource: (source: Source, indices: ArrayLike<number>) => Promise<SourceFeatures>;
  /** Features of one draw of a view of each image; a broken image has those of the one shown in its place. */
  readonly ofDraw: (source: Source, indices: ArrayLike<number>, draw: Draw) => Promise<Rows>;
  /** The hash of the weights as they are in the engine now. */
  readonly hash: () => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface Draw {
  readonly view: ViewOptions;
  readonly seed: number;
  readonly epoch: number;
}

/** Images decoded at once: what bounds the memory. */
const imagesAtOnce = 2_000;

const featuresProgram = (encoder: EncoderWeights["encoder"], image: number, batch: number): Program => ({
  inputs: { images: { shape: [batch, image, image, 3], dtype: "uint8" } },
  run: ({ state, inputs }) => {
    const vars = state as unknown as { readonly params: Tree<Tensor>; readonly state: Tree<Tensor> };
    return { outputs: { features: features(encoder, vars, inputs.images as Tensor) } };
  },
});

const joined = (parts: readonly Rows[], width: number): Rows => {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * width);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, width, data };
};

const blocksOf = (indices: ArrayLike<number>): readonly Uint32Array[] => {
  const all = Uint32Array.from(indices);
  return Array.from({ length: Math.ceil(all.length / imagesAtOnce) }, (_, i) => all.subarray(i * imagesAtOnce, (i + 1) * imagesAtOnce));
};

/** Opens an encoder for square images of a side. */
export const openFeatures = async (options: {
  readonly engine: Engine;
  readonly weights: EncoderWeights;
  readonly image: number;
  readonly threads?: number | undefined;
}): Promise<FeatureSession> => {
  const { engine, weights, image, threads } = options;
  const { encoder, params, state } = weights;
  const session: Session = await engine.open<string>({
    state: { params, state } as HostTree,
    programs: { features: featuresProgram(encoder, image, evalBatch) },
    threads,
  });
  const of = (set: ImageSet): Promise<Rows> => featuresOf(session, "features", set, evalBatch, encoder.dim);
  const noLabels = new Int32Array(0);
  return {
    of,
    ofSource: async (source, wanted) => {
      const parts: Rows[] = [];
      const indices: number[] = [];
      const bad: BadFile[] = [];
      for (const block of blocksOf(wanted)) {
        const clean = await readImages(source, block, { size: image });
        parts.push(await of({ count: clean.indices.length, size: image, pixels: clean.bytes, labels: noLabels }));
        indices.push(...clean.indices);
        bad.push(...clean.bad);
      }
      const labels = source.labels === undefined ? noLabels : Int32Array.from(indices, (i) => source.labels?.[i] as number);
      return { features: joined(parts, encoder.dim), indices: Uint32Array.from(indices), labels, bad };
    },
    ofDraw: async (source, wanted, { view, seed, epoch }) => {
      const render = sampleRenderer({ content: source.content, views: [view], seed, length: source.length, prefetch: 2 });
      const parts: Rows[] = [];
      for (const indices of blocksOf(wanted)) {
        const pixels = new Uint8Array(indices.length * image * image * 3);
        await render({ epoch, indices, out: [pixels], used: new Uint32Array(indices.length) });
        parts.push(await of({ count: indices.length, size: image, pixels, labels: noLabels }));
      }
      return joined(parts, encoder.dim);
    },
    hash: async () => weightsHash((await session.read()) as never),
    close: session.close,
  };
};
