import { scopePath, within } from "./scope.ts";
import type { Tensor } from "./tensor.ts";
import { asTf, fromTf, runKernel, tf } from "./tfjs.ts";

/** What an operation's forward pass gives: its value, what to keep, and the gradient of each input from that of the value. */
export interface Forward {
  readonly value: Tensor;
  readonly keep: readonly Tensor[];
  /** Gradients of the inputs, in their order. A traced graph drops those that nobody reads. */
  readonly gradient: (dy: Tensor, kept: readonly Tensor[]) => readonly Tensor[];
}

/**
 * Gradients as tensors of their own. tfjs frees a gradient once it has been added to another, so no two inputs may share one, nor
 * may an input have that of the output.
 */
const distinct = (gradients: readonly Tensor[], dy: Tensor): readonly Tensor[] =>
  gradients.map((gradient, i) => (gradient === dy || gradients.indexOf(gradient) < i ? runKernel("Identity", { x: gradient }) : gradient));

/**
 * Makes a differentiable operation from a forward pass and its gradient. Every operation of the library is one of these: the
 * gradient stands beside the forward pass, and tfjs's registry of gradients is never asked.
 */
export const operation =
  (forward: (...inputs: readonly Tensor[]) => Forward) =>
  (...inputs: readonly Tensor[]): Tensor => {
    const path = scopePath();
    const run = tf.customGrad((...all: unknown[]) => {
      const save = all.pop() as (tensors: unknown[]) => void;
      const { value, keep, gradient } = forward(...(all as unknown as readonly Tensor[]));
      save(keep.map(asTf));
      return {
        value: asTf(value),
        gradFunc: (dy: unknown, kept: unknown) =>
          within(path === "" ? "gradient" : `gradient/${path}`, () =>
            distinct(gradient(dy as Tensor, kept as unknown as readonly Tensor[]), dy as Tensor).map(asTf),
          ) as never,
      };
    });
    return fromTf(run(...inputs.map(asTf)) as never);
  };
