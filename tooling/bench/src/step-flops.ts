import { resnetFlops } from "./resnet-flops.ts";

/** Prototypes of the SwAV cases. */
export const prototypeCount = 512;

/** A method's step, the encoder apart. */
export interface StepSizes {
  readonly method: "moco-v3" | "simclr" | "byol" | "swav";
  /** Width of the encoder's features. */
  readonly dim: number;
  /** Side of the image, in pixels. */
  readonly size: number;
  /** Images a step; each is seen in two views. */
  readonly batch: number;
  /** Width of the hidden layers of projector and predictor, and of their output. */
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

/** Weights of the heads that every view passes, of those that the target has too, and the products of the whole batch's loss. */
interface MethodCost {
  readonly online: number;
  readonly target: number | null;
  readonly loss: number;
}

const methodCosts: Readonly<Record<StepSizes["method"], (sizes: StepSizes) => MethodCost>> = {
  "moco-v3": ({ dim, hidden, out, batch }) => {
    const projector = dim * hidden + hidden * hidden + hidden * out;
    return { online: projector + 2 * out * hidden, target: projector, loss: 2 * 2 * 2 * batch * batch * out };
  },
  simclr: ({ dim, hidden, out, batch }) => ({
    online: dim * hidden + hidden * hidden + hidden * out,
    target: null,
    loss: 3 * 2 * (2 * batch) ** 2 * out,
  }),
  byol: ({ dim, hidden, out }) => ({ online: dim * hidden + 3 * hidden * out, target: dim * hidden + hidden * out, loss: 0 }),
  swav: ({ dim, hidden, out }) => ({ online: dim * hidden + hidden * out + out * prototypeCount, target: null, loss: 0 }),
};

/**
 * Floating-point operations of the products of one step as the recipe has them, 2 M N K each, whatever an engine leaves out.
 *
 *     N = (size / patch)^2   T = N + 1
 *     block     = 24 T D^2 + 4 T^2 D          of a ViT: qkv, out, two MLP layers; scores and mixing
 *     encoder   = depth * block + patches     of a ViT; of a ResNet the sum over its convolutions
 *     moco-v3   projector D H + H H + H O, predictor 2 O H        loss: 2 directions * 2 * 2 batch^2 O
 *     simclr    projector D H + H H + H O                         loss: 3 * 2 (2 batch)^2 O
 *     byol      projector D H + H O, predictor 2 O H
 *     swav      projector D H + H O, K prototypes O K
 *     view      = 3 (encoder + 2 heads) - first                   online: forward, and twice as much backward
 *               + encoder + 2 projector                           target, where there is one: forward
 *     step      = 2 batch * view + loss
 *
 * The first layer (patch projection, first convolution) has no gradient towards the image, and keys have none, so that InfoNCE
 * goes back once where NT-Xent goes back twice.
 */
export const stepFlops = (config: StepConfig): number => {
  const { forward, first } = encoderFlops(config);
  const { online, target, loss } = methodCosts[config.method](config);
  const view = 3 * (forward + 2 * online) - first + (target === null ? 0 : forward + 2 * target);
  return 2 * config.batch * view + loss;
};
