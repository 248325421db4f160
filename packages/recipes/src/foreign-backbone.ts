import { type Encoder, evaluate, type HostArray, type HostTree, leaves, rngOf, type Tensor, type Tree } from "@twinview/core";
import { type ForeignTensor, sameLayout } from "@twinview/nn";
import { torchvisionName } from "@twinview/resnet";
import { timmVit, sizes as vitSizes } from "@twinview/vit";
import { type BackboneConfig, encoderOf } from "./backbone.ts";

/** A backbone as the library holds it in which most people would use it. */
export interface ForeignBackbone {
  readonly library: "timm" | "torchvision";
  /** The class there that has these names, and what it must be made with. */
  readonly model: string;
  readonly arguments: Readonly<Record<string, number | string | boolean>>;
  /** Parameters and running statistics; paths begin with `params/` or `state/`. */
  readonly tensors: readonly ForeignTensor[];
  /** Tensors that are parameters there and constants here. */
  readonly constants: ReadonlyMap<string, HostArray>;
}

/** The shapes of every leaf of an encoder's two trees, paths beginning with `params/` or `state/`. */
const shapesOf = (encoder: Encoder): readonly (readonly [path: string, shape: readonly number[]])[] => {
  const vars = evaluate(() => encoder.init(rngOf(0)) as unknown as Tree<Tensor>) as HostTree;
  return leaves<HostArray>(vars).map(([path, { shape }]) => [path, shape]);
};

/**
 * The names and layouts of a backbone in timm (ViT) or torchvision (ResNet).
 * @throws ShapeError for variants that the library does not have, and for sizes that do not fit together.
 */
export const foreignBackbone = (config: BackboneConfig, image: number): ForeignBackbone => {
  if (config.family === "vit") {
    const { family: _, size, ...options } = config;
    const { tensors, ...rest } = timmVit({ size: vitSizes[size], image, ...options });
    const inParams = tensors.map((tensor) => ({ ...tensor, path: `params/${tensor.path}` }));
    return { library: "timm", model: "timm.models.vision_transformer.VisionTransformer", tensors: inParams, ...rest };
  }
  const tensors = shapesOf(encoderOf(config, image)).map(([path, shape]) => {
    return sameLayout(path, torchvisionName(path.slice(path.indexOf("/") + 1)), shape);
  });
  const model = `torchvision.models.resnet${config.size}`;
  return { library: "torchvision", model, arguments: { width: config.width, stem: config.stem }, tensors, constants: new Map() };
};
