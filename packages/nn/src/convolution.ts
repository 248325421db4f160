import { convolution as convolve, type Module, type Rng, type Tensor } from "@twinview/core";
import { fanOutDeviation, normal } from "./initializers.ts";

export interface ConvolutionParams {
  /** `[out, in, kernel, kernel]`, as in torch. */
  readonly w: Tensor;
}

export interface ConvolutionLayerOptions {
  readonly in: number;
  readonly out: number;
  /** Side of the square kernel; odd, so that padding by half of it keeps the image's size at stride 1. */
  readonly kernel: number;
  readonly stride?: number;
  /** Initial weights; He's normal distribution over the fan out when absent, as in torchvision's ResNet. */
  readonly draw?: (rng: Rng, shape: readonly number[]) => Tensor;
}

/** A convolution without bias, padded by half of its kernel. Shapes: `x [in, B, H, W]`, result `[out, B, H / stride, W / stride]`, rounded up. */
export const convolution = (options: ConvolutionLayerOptions): Module<ConvolutionParams, null> => {
  const { kernel, stride = 1, draw = (rng, shape) => normal(rng, shape, fanOutDeviation(shape)) } = options;
  return {
    init: (rng) => ({ params: { w: draw(rng, [options.out, options.in, kernel, kernel]) }, state: null }),
    apply: ({ params }, x) => ({ out: convolve(x, params.w, { stride, padding: (kernel - 1) / 2 }), state: null }),
  };
};
