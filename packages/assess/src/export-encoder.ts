import { encodeSafetensors } from "@twinview/checkpoint";
import { type HostArray, type HostTree, leaves, type Tensor, type Tree, transpose, type Vars } from "@twinview/core";
import { exportOnnx, type Program } from "@twinview/engine";
import { imagenetPixels } from "@twinview/methods";
import { toForeign } from "@twinview/nn";
import type { BackboneConfig } from "@twinview/recipes";
import type { EncoderWeights } from "./encoder-weights.ts";
import { foreignOrRefuse } from "./foreign-or-refuse.ts";

/** What is exported: an encoder's weights, and what makes it. */
export interface ExportedEncoder {
  readonly weights: EncoderWeights;
  readonly backbone: BackboneConfig;
  /** Side of the images in pixels. */
  readonly image: number;
}

/**
 * The bytes of a safetensors file with timm's names (ViT) or torchvision's (ResNet). The metadata say which class has them, what it is
 * made with, and how its pixels are normalised. Throws a user error for variants those libraries do not have.
 */
export const encoderTensors = (encoder: ExportedEncoder, file: string): readonly Uint8Array[] => {
  const {
    library,
    model,
    arguments: made,
    tensors,
    constants,
  } = foreignOrRefuse(encoder, "flags", {
    where: file,
    fix: "export it as .onnx, which needs no names",
  });
  const { params, state } = encoder.weights;
  const values = new Map(leaves<HostArray>({ params, state } as HostTree));
  const named = tensors.map((tensor) => [tensor.name, toForeign(values.get(tensor.path) as HostArray, tensor)] as const);
  const metadata = new Map([
    ["format", "pt"],
    ["library", library],
    ["model", model],
    ["arguments", JSON.stringify(made)],
    ["image", String(encoder.image)],
    ["pixels", JSON.stringify(imagenetPixels)],
  ]);
  return encodeSafetensors(new Map([...named, ...constants]), metadata);
};

/** Features of normalised images as most libraries lay them out: `pixel_values [B, 3, S, S]` to `features [B, dim]`. */
const channelsFirst =
  ({ weights: { encoder }, image }: ExportedEncoder) =>
  (batch: number): Program => ({
    inputs: { pixel_values: { shape: [batch, 3, image, image], dtype: "float32" } },
    run: ({ state, inputs }) => {
      const vars = state as unknown as Vars<Tree<Tensor>, Tree<Tensor>>;
      const images = transpose(inputs.pixel_values as Tensor, [0, 2, 3, 1]);
      return { outputs: { features: encoder.apply(vars, images, { train: false, hyper: {} }).out } };
    },
  });

/** The bytes of an ONNX file of the encoder in evaluation mode, its batch open: input `pixel_values`, output `features`. */
export const encoderOnnx = (encoder: ExportedEncoder): Uint8Array => {
  const { params, state } = encoder.weights;
  return exportOnnx(channelsFirst(encoder), { params, state } as HostTree);
};
