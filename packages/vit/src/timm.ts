import { checkOption, type HostArray, hostArray } from "@twinview/core";
import { type ForeignTensor, sameLayout, transposed } from "@twinview/nn";
import { sinCosPosition } from "./position.ts";
import type { VitOptions } from "./vit.ts";

/** A vision transformer as timm's `VisionTransformer` holds it. */
export interface TimmVit {
  /** Arguments of `timm.models.vision_transformer.VisionTransformer` that make a module of these names and shapes. */
  readonly arguments: Readonly<Record<string, number | string | boolean>>;
  readonly tensors: readonly ForeignTensor[];
  /** Tensors that are parameters there and constants here. */
  readonly constants: ReadonlyMap<string, HostArray>;
}

const norm = (path: string, name: string, dim: number): readonly ForeignTensor[] => [
  sameLayout(`${path}/scale`, `${name}.weight`, [dim]),
  sameLayout(`${path}/shift`, `${name}.bias`, [dim]),
];

const linear = (path: string, name: string, from: number, to: number): readonly ForeignTensor[] => [
  transposed(`${path}/w`, `${name}.weight`, [from, to]),
  sameLayout(`${path}/b`, `${name}.bias`, [to]),
];

const blockTensors = (index: number, dim: number): readonly ForeignTensor[] => {
  const [path, name] = [`blocks/block${String(index).padStart(2, "0")}`, `blocks.${index}`];
  return [
    ...norm(`${path}/norm1`, `${name}.norm1`, dim),
    ...linear(`${path}/attention/qkv`, `${name}.attn.qkv`, dim, 3 * dim),
    ...linear(`${path}/attention/out`, `${name}.attn.proj`, dim, dim),
    ...norm(`${path}/norm2`, `${name}.norm2`, dim),
    ...linear(`${path}/mlp/fc1`, `${name}.mlp.fc1`, dim, 4 * dim),
    ...linear(`${path}/mlp/fc2`, `${name}.mlp.fc2`, 4 * dim, dim),
  ];
};

/**
 * The names, shapes and orders of axes that timm gives to the parameters of a vision transformer; the official MoCo v3 files use the
 * same names. Sine-cosine positions are a constant here and the parameter `pos_embed` there.
 * @throws ShapeError for the convolutional stem and for batch norms in front of the MLPs, which timm's module does not have.
 * @see timm vision_transformer.py, VisionTransformer; moco-v3 vits.py, VisionTransformerMoCo.
 */
export const timmVit = (options: VitOptions): TimmVit => {
  const { size, patch, image, position = "sin-cos", readout = "token", finalNorm = true } = options;
  const { stem = "patch", mlpNorm = "layer" } = options;
  checkOption("timmVit", "stem", stem, stem === "patch", "patch: timm has no vision transformer with this stem");
  checkOption("timmVit", "mlpNorm", mlpNorm, mlpNorm === "layer", "layer: timm has no vision transformer with batch norms");
  const { dim, depth, heads } = size;
  const grid = image / patch;
  const token = readout === "token";
  const tokens = grid * grid + (token ? 1 : 0);
  const table = (): HostArray => hostArray(sinCosPosition({ grid, dim, token }), [1, tokens, dim]);
  return {
    arguments: {
      img_size: image,
      patch_size: patch,
      embed_dim: dim,
      depth,
      num_heads: heads,
      num_classes: 0,
      class_token: token,
      global_pool: token ? "token" : "avg",
      fc_norm: false,
      final_norm: finalNorm,
      pos_embed: position === "none" ? "none" : "learn",
    },
    tensors: [
      {
        path: "patch/w",
        name: "patch_embed.proj.weight",
        view: [patch, patch, 3, dim],
        order: [3, 2, 0, 1],
        shape: [dim, 3, patch, patch],
      },
      sameLayout("patch/b", "patch_embed.proj.bias", [dim]),
      ...(token ? [sameLayout("token", "cls_token", [1, 1, dim])] : []),
      ...(position === "learned" ? [sameLayout("position", "pos_embed", [1, tokens, dim])] : []),
      ...Array.from({ length: depth }, (_, i) => blockTensors(i, dim)).flat(),
      ...(finalNorm ? norm("norm", "norm", dim) : []),
    ],
    constants: new Map(position === "sin-cos" ? [["pos_embed", table()]] : []),
  };
};
