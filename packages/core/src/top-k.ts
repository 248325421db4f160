import { checkOption, checkShape } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { runKernels } from "./tfjs.ts";

/**
 * The k largest numbers of each row in falling order and their places, without gradient: not for use inside a differentiated function.
 * Shapes: `x [N, M]`, results `[N, k]` as float32 and int32.
 * @throws ShapeError if a row has fewer than k numbers.
 */
export const topK = (x: Tensor, k: number): { readonly values: Tensor; readonly indices: Tensor } => {
  checkShape("topK", "x", x.shape, [null, null]);
  checkOption("topK", "k", k, k >= 1 && k <= (x.shape[1] as number), `between 1 and the row's length, ${x.shape[1]}`);
  const [values, indices] = runKernels("TopK", { x }, { k, sorted: true });
  return { values: values as Tensor, indices: indices as Tensor };
};
