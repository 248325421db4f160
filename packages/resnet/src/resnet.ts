import {
  checkOption,
  checkShape,
  type Encoder,
  fold,
  maxPool,
  mean,
  type Rng,
  relu,
  scope,
  split,
  type Tensor,
  transpose,
} from "@twinview/core";
import { type AffineParams, type BatchNormState, type ConvolutionParams, convNorms } from "@twinview/nn";
import { type BlockParams, type BlockState, block, outOf } from "./block.ts";
import type { ResNetSize } from "./sizes.ts";

export interface ResNetOptions {
  readonly size: ResNetSize;
  /** `large`: a 7 x 7 convolution of stride 2 and a max-pool; `small`: a 3 x 3 convolution of stride 1, for images of about 32 pixels. */
  readonly stem: "large" | "small";
  /** Channels of the first stage; each later stage doubles them. */
  readonly width?: number;
  /** Whether the last norm of each block starts at scale 0 (arXiv 1706.02677, section 5.1), as in the official MoCo v3. */
  readonly zeroResidual?: boolean;
  /** Whether the stem, first convolution and its norm, keeps its initial values: what the frozen patch projection is to a ViT. */
  readonly freezeStem?: boolean;
}

type Stages<T> = { readonly [stage: `layer${number}`]: { readonly [block: `block${number}`]: T } };

export type ResNetParams = { readonly conv1: ConvolutionParams; readonly bn1: AffineParams } & Stages<BlockParams>;
export type ResNetState = { readonly bn1: BatchNormState } & Stages<BlockState>;

type Named<T> = readonly (readonly [name: string, value: T])[];
const record = <T>(entries: Named<T>): Readonly<Record<string, T>> => Object.fromEntries(entries);

/** The blocks of the four stages with their names. */
const stagesOf = ({ depths, bottleneck }: ResNetSize, width: number, zeroResidual: boolean) => {
  let channels = width;
  return depths.map((depth, stage) => {
    const blocks = Array.from({ length: depth }, (_, i) => {
      const options = { in: channels, width: width * 2 ** stage, stride: stage > 0 && i === 0 ? 2 : 1, bottleneck, zeroResidual };
      channels = outOf(options);
      return { name: `block${i}` as const, module: block(options) };
    });
    return { name: `layer${stage + 1}` as const, blocks };
  });
};

/**
 * A residual network from normalised images `[B, S, S, 3]` of any side to features `[B, dim]`, the average over the last map;
 * `dim = 8 width`, four times that with bottlenecks. Weights start normal with He's fan-out deviation, norms at 1 and 0. A training
 * pass normalises by the statistics of its batch and moves the running ones by 0.1; evaluation uses the running ones.
 * @throws ShapeError if the width is not a positive whole number.
 * @see He et al., arXiv 1512.03385; layout and initial values of torchvision's resnet.py; stems of moco-v3 and, for small images,
 * of the CIFAR variant of arXiv 2002.05709, appendix B.9.
 */
export const resnet = (options: ResNetOptions): Encoder<ResNetParams, ResNetState> => {
  const { size, stem, width = 64, zeroResidual = true, freezeStem = false } = options;
  checkOption("resnet", "width", width, Number.isInteger(width) && width > 0, "a positive whole number");
  const large = stem === "large";
  const first = convNorms([{ in: 3, out: width, kernel: large ? 7 : 3, stride: large ? 2 : 1 }]);
  const stages = stagesOf(size, width, zeroResidual);

  const init = (rng: Rng): { readonly params: ResNetParams; readonly state: ResNetState } => {
    const keys = split(rng, ["stem", ...stages.map(({ name }) => name)]) as Readonly<Record<string, Rng>>;
    const start = first.init(keys.stem as Rng);
    const made = stages.map(({ name, blocks }) => {
      const vars = blocks.map((each, i) => [each.name, each.module.init(fold(keys[name] as Rng, i))] as const);
      return [name, vars] as const;
    });
    const branch = <T>(of: (vars: { readonly params: BlockParams; readonly state: BlockState }) => T) =>
      record(made.map(([name, vars]) => [name, record(vars.map(([blockName, each]) => [blockName, of(each)]))]));
    return {
      params: { ...start.params, ...branch(({ params }) => params) } as ResNetParams,
      state: { ...start.state, ...branch(({ state }) => state) } as ResNetState,
    };
  };

  const apply: Encoder<ResNetParams, ResNetState>["apply"] = ({ params, state }, images, ctx) => {
    checkShape("resnet", "images", images.shape, [null, null, null, 3]);
    const start = first.apply({ params, state }, transpose(images, [3, 0, 1, 2]), ctx); // [3, B, S, S]
    const activated = relu(start.out);
    let x: Tensor = large ? scope("maxpool", () => maxPool(activated, { size: 3, stride: 2, padding: 1 })) : activated;
    const activations: Record<string, Tensor> = { stem: x };
    const after = stages.map(({ name, blocks }) => {
      const states = blocks.map((each) => {
        const vars = { params: params[name]?.[each.name] as BlockParams, state: state[name]?.[each.name] as BlockState };
        const step = scope(`${name}/${each.name}`, () => each.module.apply(vars, x, ctx));
        x = step.out;
        return [each.name, step.state] as const;
      });
      activations[name] = x;
      return [name, record(states)] as const;
    });
    const out = scope("average", () => transpose(mean(x, { axes: [2, 3] }), [1, 0])); // [B, dim]
    return { out, state: { ...start.state, ...record(after) } as ResNetState, activations };
  };

  const frozen = (path: string): boolean => freezeStem && (path.startsWith("conv1/") || path.startsWith("bn1/"));
  const dim = outOf({ width: 8 * width, bottleneck: size.bottleneck });
  return { name: `resnet-${size.name}`, dim, init, apply, frozen, mixesImages: true };
};
