import type { Tensor } from "./tensor.ts";
import { hasKernel, runKernel } from "./tfjs.ts";

/** Repeats `x` along axes of length 1 and new leading axes up to `shape`, without gradient, for use inside operations. */
export const spreadTo = (x: Tensor, shape: readonly number[]): Tensor => {
  if (hasKernel("BroadcastTo")) return runKernel("BroadcastTo", { x }, { shape: [...shape], inputShape: [...x.shape] });
  const aligned = [...Array.from({ length: shape.length - x.shape.length }, () => 1), ...x.shape];
  const column = runKernel("Reshape", { x }, { shape: aligned });
  return runKernel("Tile", { x: column }, { reps: shape.map((length, axis) => length / (aligned[axis] as number)) });
};
