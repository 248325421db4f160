import { mean, type Scalar, slice, sqrt, square, sub, type Tensor } from "@twinview/core";

/** Images that tell the scale of a layer's output well enough: each has thousands of numbers. */
const images = 32;

/**
 * The standard deviation of each layer's output over all its numbers, by name: where activations grow from step to step, or from
 * layer to layer, and where they die. Of the first 32 images only. Shapes: features `[B, ...]`, maps
 * `[C, B, H, W]`.
 */
export const activationDeviations = (activations: Readonly<Record<string, Tensor>>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(
    Object.entries(activations).map(([name, full]) => {
      const axis = full.shape.length === 4 ? 1 : 0;
      const length = Math.min(images, full.shape[axis] as number);
      const x = slice(full, { axis, start: 0, length });
      return [name, sqrt(mean(square(sub(x, mean(x)))))];
    }),
  );
