import { constant, type HostTree, slice, type Tensor, type Tree } from "@twinview/core";
import { readImages, type Source } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import { imagenetPixels, normalizePixels } from "@twinview/methods";
import type { BackboneConfig } from "@twinview/recipes";
import { classAttention, sizes } from "@twinview/vit";
import type { EncoderWeights } from "./encoder-weights.ts";

/** How much the class token looks at each patch, by head, of some images. */
export interface AttentionMaps {
  readonly heads: number;
  /** Patches along a side. */
  readonly grid: number;
  /** `[images, heads, grid, grid]` */
  readonly weights: Float32Array;
  /** The images, indices into their source. */
  readonly images: readonly number[];
}

type Blocks = Readonly<Record<string, never>>;

/** Attention maps of the last block of a ViT with a class token; undefined for every other backbone. */
export const attentionMaps = async (args: {
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly weights: EncoderWeights;
  readonly backbone: BackboneConfig;
  readonly image: number;
  readonly source: Source;
  readonly indices: readonly number[];
}): Promise<AttentionMaps | undefined> => {
  const { engine, threads, weights, backbone, image, source } = args;
  if (backbone.family !== "vit" || backbone.readout !== "token") return undefined;
  const { dim, heads } = sizes[backbone.size];
  const grid = image / backbone.patch;
  const { bytes, indices } = await readImages(source, args.indices, { size: image });
  const count = indices.length;
  const { encoder, params, state } = weights;
  const session = await engine.open({
    state: { params, state } as HostTree,
    programs: {
      look: {
        inputs: { images: { shape: [count, image, image, 3], dtype: "uint8" } },
        run: ({ state: held, inputs }) => {
          const vars = held as unknown as { readonly params: Tree<Tensor> & { readonly blocks: Blocks }; readonly state: Tree<Tensor> };
          const pixels = normalizePixels(inputs.images as Tensor, imagenetPixels, (values) => constant(values, [values.length]));
          const { activations = {} } = encoder.apply(vars, pixels, { train: false, hyper: {} });
          const names = Object.keys(vars.params.blocks).sort();
          const into = activations[names.at(-2) ?? "patch"] as Tensor; // what comes into the last block
          const options = { dim, heads, hidden: 4 * dim, mlpNorm: backbone.mlpNorm };
          const all = classAttention(options, vars.params.blocks[names.at(-1) as string] as never, into); // [B, H, 1 + patches]
          return { outputs: { weights: slice(all, { axis: 2, start: 1, length: grid * grid }) } };
        },
      },
    },
    threads,
  });
  try {
    const { outputs } = await session.run("look", { images: { shape: [count, image, image, 3], dtype: "uint8", data: bytes } });
    return { heads, grid, weights: outputs.weights?.data as Float32Array, images: Array.from(indices) };
  } finally {
    await session.close();
  }
};
