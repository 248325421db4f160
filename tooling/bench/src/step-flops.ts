import { resnetFlops } from "./resnet-flops.ts";

/** A MoCo v3 step, the encoder apart. */
export interface StepSizes {
  /** Width of the encoder's features. */
  readonly dim: number;
  /** Side of the image, in pixels. */
  readonly size: number;
  /** Images a step; each is seen in two views. */
  readonly batch: number;
  /** Width of the hidden layers of projector (3 layers) and predictor (2 layers), and of their output. */
  readonly hidden: number;
  readonly out: number;
}

/** A step on a ViT. */
export interface VitStepConfig extends StepSizes {
  /** Number of blocks; their MLPs are 4 dim wide. */
  readonly depth: number;
  readonly heads: number;
  /** Side of a patch, in pixels. */
  readonly patch: number;
}

/** A step on a ResNet with the stem for small images. */
export interface ResNetStepConfig extends StepSizes {
  readonly resnet: "18";
}

/** What a step case measures, and what its peer is told. */
export type StepConfig = VitStepConfig | ResNetStepConfig;

/** Floating-point operations of one image through the encoder: forward, and what of it has no gradient towards its input. */
const encoderFlops = (config: StepConfig): { readonly forward: number; readonly first: number } => {
  if ("resnet" in config) return resnetFlops(config.size);
  const { dim, depth, patch, size } = config;
  const patches = (size / patch) ** 2;
  const tokens = patches + 1;
  const embed = 2 * patches * patch * patch * 3 * dim;
  return { forward: depth * (24 * tokens * dim * dim + 4 * tokens * tokens * dim) + embed, first: embed };
};

/**
 * Floating-point operations of the products of one step as the recipe has them, 2 M N K each, whatever an engine leaves out.
 *
 *     N = (size / patch)^2   T = N + 1
 *     block     = 24 T D^2 + 4 T^2 D          of a ViT: qkv, out, two MLP layers; scores and mixing
 *     encoder   = depth * block + patches     of a ViT; of a ResNet the sum over its convolutions
 *     heads     = 2 (D H + H H + H O) + 2 (O H + H O)
 *     view      = 3 (encoder + heads) - first                    online: forward, and twice as much backward
 *               + encoder + projector                            target: forward
 *     step      = 2 batch * view + 2 directions * 2 * 2 batch^2 O
 *
 * The first layer (patch projection, first convolution) has no gradient towards the image, and the keys have none, so that InfoNCE
 * goes back once.
 */
export const stepFlops = (config: StepConfig): number => {
  const { dim, batch, hidden, out } = config;
  const { forward, first } = encoderFlops(config);
  const projector = 2 * (dim * hidden + hidden * hidden + hidden * out);
  const predictor = 2 * (out * hidden + hidden * out);
  const online = 3 * (forward + projector + predictor) - first;
  const target = forward + projector;
  return 2 * batch * (online + target) + 8 * batch * batch * out;
};
